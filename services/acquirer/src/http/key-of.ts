import { invariant } from "@kassa/kernel/assert";
import type { HttpRequest } from "@kassa/platform/http";

/** The Idempotency-Key of a request on a route that requires one. */
export function keyOf({ idempotencyKey }: Pick<HttpRequest, "idempotencyKey">): string {
  invariant(idempotencyKey !== undefined, "the route does not require an Idempotency-Key");
  return idempotencyKey;
}
