import { Problem } from "@kassa/contracts/problem";
import type { HttpResponse } from "@kassa/platform/http";
import type { CommitOutcome } from "../ports.ts";

const REPLAYED = { "idempotent-replayed": "true" };

/**
 * The answer to a request with an idempotency key, whatever its commit came to: what was decided now, or what was answered
 * to the same body before.
 * @throws Problem idempotency_key_reused when the key came with another body, reference_taken, unavailable
 */
export function reply(
  outcome: CommitOutcome,
  fingerprint: Buffer,
  fresh: { readonly status: number; readonly answer: string; readonly headers?: Readonly<Record<string, string>> },
): HttpResponse {
  switch (outcome.kind) {
    case "committed":
      return { status: fresh.status, text: fresh.answer, headers: fresh.status < 400 ? (fresh.headers ?? {}) : {} };
    case "duplicate":
      return replay(outcome, fingerprint);
    case "taken":
      throw new Problem("reference_taken", `The reference ${outcome.reference} belongs to another payment of yours.`, {
        param: "reference",
      });
    default:
      throw new Problem("unavailable", "The payment could not be stored; try again.", { retryAfterS: 1 });
  }
}

/** What was answered before under the same key. @throws Problem idempotency_key_reused when the body was another */
export function replay(
  stored: { readonly fingerprint: Buffer; readonly status: number; readonly answer: string },
  fingerprint: Buffer,
): HttpResponse {
  if (!stored.fingerprint.equals(fingerprint)) {
    const detail = "Use a new Idempotency-Key for another request; this one came before with another body.";
    throw new Problem("idempotency_key_reused", detail);
  }
  return { status: stored.status, text: stored.answer, headers: REPLAYED };
}
