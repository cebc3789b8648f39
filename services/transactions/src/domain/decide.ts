import type { ErrorCode } from "@kassa/contracts/error-codes";
import type { OperationOutcome, PaymentEvent, Screening } from "@kassa/contracts/payment-events";
import type { Uuid } from "@kassa/kernel/id";
import { err, ok, type Result } from "@kassa/kernel/result";
import {
  capturableMinor,
  isOpen,
  isTerminal,
  type Operation,
  openOperation,
  type Payment,
  type PaymentStatus,
  refundableMinor,
} from "./payment.ts";

/** Why a command is refused: the error's code and what the caller reads. */
export type Refusal = { readonly code: ErrorCode; readonly detail: string };
export type Decision = Result<readonly PaymentEvent[], Refusal>;

/** How long an authorization holds the cardholder's money: 7 days, as card schemes commonly grant. */
export const AUTHORIZATION_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** Captures `amountMinor` (default: all) of an authorized payment; the rest is released. Once only. */
export function requestCapture(payment: Payment, amountMinor: bigint | undefined, operationId: Uuid): Decision {
  if (openOperation(payment, "capture") !== undefined)
    return refuse("capture_unresolved", "A capture is under way; wait for its outcome.");
  if (payment.status !== "authorized" || payment.cancelRequested !== undefined) {
    return refuseState(payment, "capture", ["authorized"]);
  }
  const amount = amountMinor ?? payment.amountMinor;
  const left = capturableMinor(payment);
  if (amount > left) return refuse("amount_too_large", `At most ${left} can be captured.`);
  return ok([{ type: "capture.requested", data: { operation_id: operationId, amount: Number(amount) } }]);
}

/** Cancels what is not captured. While the payment is new or processing the wish is noted and obeyed as soon as possible. */
export function requestCancel(payment: Payment, reason: "requested" | "expired", operationId: Uuid): Decision {
  if (openOperation(payment, "capture") !== undefined)
    return refuse("capture_unresolved", "A capture is under way; wait for its outcome.");
  if (payment.cancelRequested !== undefined && !isTerminal(payment.status)) return ok([]);
  switch (payment.status) {
    case "new":
    case "processing":
      return ok([{ type: "cancel.requested", data: { reason } }]);
    case "authorized":
      return ok([{ type: "cancel.requested", data: { reason, operation_id: operationId } }]);
    default:
      return refuseState(payment, "cancel", ["new", "processing", "authorized"]);
  }
}

/** Refunds `amountMinor` (default: all that is left) of a completed payment. */
export function requestRefund(
  payment: Payment,
  amountMinor: bigint | undefined,
  refundId: Uuid,
  operationId: Uuid,
): Decision {
  if (openOperation(payment, "capture") !== undefined)
    return refuse("capture_unresolved", "A capture is under way; wait for its outcome.");
  if (payment.status !== "completed") return refuseState(payment, "refund", ["completed"]);
  const left = refundableMinor(payment);
  const amount = amountMinor ?? left;
  if (left === 0n) return refuse("amount_too_large", "Nothing is left to refund.");
  if (amount > left) return refuse("amount_too_large", `At most ${left} is left to refund.`);
  return ok([
    { type: "refund.requested", data: { refund_id: refundId, operation_id: operationId, amount: Number(amount) } },
  ]);
}

/** The first step of the worker: cancel what was canceled meanwhile, refuse what screening denies, else start the authorization. */
export function begin(payment: Payment, screening: Screening, operationId: Uuid): readonly PaymentEvent[] {
  if (payment.status !== "new") return [];
  if (payment.cancelRequested !== undefined)
    return [{ type: "payment.canceled", data: { reason: payment.cancelRequested } }];
  if (screening.decision === "deny") return [{ type: "payment.failed", data: { code: "fraud_denied", screening } }];
  return [{ type: "payment.processing", data: { operation_id: operationId, screening } }];
}

/**
 * What an operation's outcome makes of its payment. An outcome that is known already changes nothing.
 * @param followUpId the id of the void that starts when a cancel was waiting for this authorization
 */
export function settleOperation(
  payment: Payment,
  operationId: string,
  outcome: OperationOutcome,
  nowMs: number,
  followUpId: Uuid,
): readonly PaymentEvent[] {
  const operation = payment.operations.find(({ id }) => id === operationId);
  if (operation === undefined || !isOpen(operation)) return [];
  if (outcome.result === "unknown") {
    if (operation.outcome === "unknown") return [];
    return [{ type: "operation.unknown", data: { operation_id: operation.id, reason: outcome.reason } }];
  }
  switch (operation.kind) {
    case "authorize":
      return settleAuthorization(payment, operation, outcome, nowMs, followUpId);
    case "capture":
      return outcome.result === "succeeded"
        ? [completed(payment, operation.id, operation.amountMinor)]
        : [{ type: "capture.failed", data: { operation_id: operation.id, code: outcome.code } }];
    case "void":
      return outcome.result === "succeeded"
        ? [
            {
              type: "payment.canceled",
              data: { operation_id: operation.id, reason: payment.cancelRequested ?? "requested" },
            },
          ]
        : [{ type: "cancel.failed", data: { operation_id: operation.id, code: outcome.code } }];
    case "refund":
      return [settleRefund(operation, outcome)];
  }
}

type KnownOutcome = Exclude<OperationOutcome, { result: "unknown" }>;

function settleAuthorization(
  payment: Payment,
  operation: Operation,
  outcome: KnownOutcome,
  nowMs: number,
  followUpId: Uuid,
): readonly PaymentEvent[] {
  if (outcome.result === "failed") {
    const { code, decline_code } = outcome;
    const data = { operation_id: operation.id, code };
    return [{ type: "payment.failed", data: decline_code === undefined ? data : { ...data, decline_code } }];
  }
  const authorized: PaymentEvent = {
    type: "payment.authorized",
    data: {
      operation_id: operation.id,
      amount: Number(payment.amountMinor),
      provider_reference: outcome.provider_reference,
      expires_at: nowMs + AUTHORIZATION_LIFETIME_MS,
    },
  };
  const canceling = payment.cancelRequested !== undefined;
  if (payment.capture === "manual") {
    return canceling ? [authorized, { type: "void.started", data: { operation_id: followUpId } }] : [authorized];
  }
  const both = [authorized, completed(payment, operation.id, payment.amountMinor)];
  // The charge captured at once, before the wish to cancel could be obeyed: it is refused, a refund is the way now.
  if (canceling)
    both.push({
      type: "transition.refused",
      data: { command: "cancel", status: "completed", code: "already_captured" },
    });
  return both;
}

function settleRefund(operation: Operation, outcome: KnownOutcome): PaymentEvent {
  const ids = { refund_id: operation.refundId as Uuid, operation_id: operation.id };
  return outcome.result === "succeeded"
    ? { type: "refund.succeeded", data: { ...ids, provider_reference: outcome.provider_reference } }
    : { type: "refund.failed", data: { ...ids, code: outcome.code } };
}

function completed(payment: Payment, operationId: Uuid, capturedMinor: bigint): PaymentEvent {
  return {
    type: "payment.completed",
    data: {
      operation_id: operationId,
      amount_captured: Number(capturedMinor),
      amount_released: Number(payment.amountMinor - capturedMinor),
    },
  };
}

function refuse(code: ErrorCode, detail: string): Decision {
  return err({ code, detail });
}

function refuseState(payment: Payment, command: string, allowed: readonly PaymentStatus[]): Decision {
  const now = payment.cancelRequested !== undefined && !isTerminal(payment.status) ? "being canceled" : payment.status;
  return refuse("invalid_state", `A ${command} needs a payment that is ${allowed.join(" or ")}; this one is ${now}.`);
}
