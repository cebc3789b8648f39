import type { Decision } from "./decision.ts";
import type { RefusalCode } from "./operation.ts";
import type { OperationRequest } from "./request.ts";

/** The request is refused: its answer is kept under its key, nothing else changes. */
export function refuse(
  request: OperationRequest,
  nowMs: number,
  code: RefusalCode,
  detail: string,
  currency = "XXX",
): Decision {
  return {
    operation: {
      key: request.key,
      fingerprint: request.fingerprint,
      operationId: request.operationId,
      kind: request.kind,
      result: "failed",
      chargeId: request.chargeId,
      subjectId: request.chargeId,
      amount: request.kind === "void" ? 0 : request.amount,
      currency,
      code,
      declineCode: null,
      answer: { ok: false, code, detail },
      visibleAtMs: null,
      createdAtMs: nowMs,
    },
    charge: null,
    refund: null,
    movements: [],
    webhooks: [],
    completeAtMs: null,
  };
}
