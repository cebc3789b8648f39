import type { ErrorCode } from "@kassa/contracts/error-codes";
import type { OperationKind } from "./behaviour.ts";

export type OperationResult = "pending" | "succeeded" | "failed";

/** What is answered, and answered again to the same key. */
export type StoredAnswer =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly code: RefusalCode; readonly detail: string };

export type RefusalCode = Extract<
  ErrorCode,
  "unknown_payment_method" | "not_found" | "invalid_state" | "amount_too_large"
>;

/** One idempotent request of the merchant and what became of it. */
export type Operation = {
  /** The Idempotency-Key. */
  readonly key: string;
  /** Of the request: a request with the key and another fingerprint is a mistake of the client. */
  readonly fingerprint: string;
  /** The merchant's own id; a merchant may use it twice, as with any provider. */
  readonly operationId: string;
  readonly kind: OperationKind;
  readonly result: OperationResult;
  readonly chargeId: string;
  /** The id of what the operation made: the refund's for a refund, else the charge's. */
  readonly subjectId: string;
  readonly amount: number;
  readonly currency: string;
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly answer: StoredAnswer;
  /** Until then look-ups and replays behave as if they could not see it. */
  readonly visibleAtMs: number | null;
  readonly createdAtMs: number;
};
