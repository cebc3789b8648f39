import type { TSchema } from "typebox";
import type { ErrorCode } from "./error-codes.ts";

/** How a route authenticates its caller. Feeds the server, the OpenAPI document and the ingress. */
export type RouteAuth =
  /** Anybody. */
  | "public"
  /** A merchant's server, by `Authorization: Bearer sk_…`. */
  | "api_key"
  /** Another service of Kassa, by `Authorization: Bearer <internal token>`. */
  | "internal"
  /** A provider's webhook, by the signature over its raw body. */
  | "signature";

export type ServiceName = "transactions" | "fraud" | "acquirer";

/** One line of the route table. `path` is in OpenAPI's form: `/v1/payments/{id}`. */
export type Route = {
  readonly operationId: string;
  readonly service: ServiceName;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly auth: RouteAuth;
  readonly summary: string;
  readonly description?: string;
  /** The scope an API key needs, e.g. `payments:write`. */
  readonly scope?: string;
  /** True when the route takes the header Idempotency-Key (required on it). */
  readonly idempotent?: boolean;
  /** True when the route takes the header `Prefer: wait=N` (RFC 7240, section 4.3) and waits for an outcome. */
  readonly takesWait?: boolean;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Bytes; overrides the server's default limit of a body. */
  readonly bodyLimit?: number;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: TSchema }>>;
  /** The errors of this route beside those that every route may answer with. */
  readonly errors: readonly ErrorCode[];
};
