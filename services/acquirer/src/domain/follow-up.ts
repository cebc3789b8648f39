import { unreachable } from "@kassa/kernel/assert";
import { chargeAnswer, refundAnswer } from "./answer.ts";
import { behaviourNamed, type RefundBehaviour } from "./behaviour.ts";
import type { Charge, Refund, RefundStatus } from "./charge.ts";
import type { Decision, DecisionContext } from "./decision.ts";
import type { Operation } from "./operation.ts";
import { refuse } from "./refuse.ts";
import type { CaptureRequest, RefundRequest, VoidRequest } from "./request.ts";
import { disputeWebhook, webhooksOf } from "./webhook-message.ts";

/** A capture, void or refund of a charge: made, or refused with not_found, invalid_state or amount_too_large. */
export function followUp(
  request: CaptureRequest | VoidRequest | RefundRequest,
  charge: Charge | undefined,
  context: DecisionContext,
): Decision {
  if (charge === undefined) {
    return refuse(request, context.nowMs, "not_found", "There is no charge with this id.");
  }
  switch (request.kind) {
    case "capture":
      return capture(request, charge, context);
    case "void":
      return voidCharge(request, charge, context);
    case "refund":
      return refund(request, charge, context);
    default:
      return unreachable(request);
  }
}

/** Once, the whole amount or less; the rest is released. */
function capture(request: CaptureRequest, charge: Charge, context: DecisionContext): Decision {
  const { nowMs } = context;
  if (charge.status !== "authorized") {
    const detail = `The charge is ${charge.status}; only an authorized charge can be captured, and once.`;
    return refuse(request, nowMs, "invalid_state", detail, charge.currency);
  }
  if (request.amount > charge.amount) {
    return refuse(request, nowMs, "amount_too_large", `At most ${charge.amount} can be captured.`, charge.currency);
  }
  const captured: Charge = { ...charge, status: "captured", amountCaptured: request.amount };
  const operation = changed(request, captured, request.amount, nowMs);
  const { id: chargeId, currency } = charge;
  return {
    operation,
    charge: captured,
    refund: null,
    movements: [{ kind: "capture", chargeId, operationId: request.operationId, amount: request.amount, currency }],
    webhooks: [
      ...webhooksOf(operation, behaviourNamed(charge.behaviour), context, false),
      ...disputeWebhook(captured, request.operationId, context),
    ],
    completeAtMs: null,
  };
}

function voidCharge(request: VoidRequest, charge: Charge, context: DecisionContext): Decision {
  if (charge.status !== "authorized") {
    const detail = `The charge is ${charge.status}; only an authorized charge can be voided.`;
    return refuse(request, context.nowMs, "invalid_state", detail, charge.currency);
  }
  const voided: Charge = { ...charge, status: "voided" };
  const operation = changed(request, voided, charge.amount, context.nowMs);
  const webhooks = webhooksOf(operation, behaviourNamed(charge.behaviour), context, false);
  return { operation, charge: voided, refund: null, movements: [], webhooks, completeAtMs: null };
}

const refundStatuses: Readonly<Record<RefundBehaviour, RefundStatus>> = {
  succeed: "succeeded",
  succeed_later: "pending",
  fail: "failed",
  fail_later: "pending",
};

/** Any number of times, together at most what was captured. A pending refund reserves its amount. */
function refund(request: RefundRequest, charge: Charge, context: DecisionContext): Decision {
  const { nowMs } = context;
  if (charge.status !== "captured") {
    const detail = `The charge is ${charge.status}; only a captured charge can be refunded.`;
    return refuse(request, nowMs, "invalid_state", detail, charge.currency);
  }
  const left = charge.amountCaptured - charge.amountRefunded;
  if (request.amount > left) {
    return refuse(request, nowMs, "amount_too_large", `At most ${left} can be refunded.`, charge.currency);
  }
  const behaviour = behaviourNamed(charge.behaviour);
  const made = newRefund(request, refundStatuses[behaviour.refund], nowMs);
  const operation: Operation = {
    ...changed(request, charge, request.amount, nowMs),
    subjectId: made.id,
    result: made.status,
    code: made.failureCode,
    answer: refundAnswer(made),
  };
  const isPending = made.status === "pending";
  const { id: chargeId, currency } = charge;
  const moved = {
    kind: "refund",
    chargeId,
    operationId: request.operationId,
    amount: request.amount,
    currency,
  } as const;
  return {
    operation,
    charge: made.status === "failed" ? null : { ...charge, amountRefunded: charge.amountRefunded + request.amount },
    refund: made,
    movements: made.status === "succeeded" ? [moved] : [],
    webhooks: isPending ? [] : webhooksOf(operation, behaviour, context, false),
    completeAtMs: isPending ? nowMs + context.completionMs : null,
  };
}

/** The failure code of refunds that the issuer sends back. */
export const REFUND_FAILURE = "expired_or_canceled_card";

function newRefund(request: RefundRequest, status: RefundStatus, nowMs: number): Refund {
  return {
    id: request.refundId,
    chargeId: request.chargeId,
    operationId: request.operationId,
    amount: request.amount,
    status,
    failureCode: status === "failed" ? REFUND_FAILURE : null,
    createdAtMs: nowMs,
  };
}

function changed(
  request: CaptureRequest | VoidRequest | RefundRequest,
  charge: Charge,
  amount: number,
  nowMs: number,
): Operation {
  return {
    key: request.key,
    fingerprint: request.fingerprint,
    operationId: request.operationId,
    kind: request.kind,
    result: "succeeded",
    chargeId: charge.id,
    subjectId: charge.id,
    amount,
    currency: charge.currency,
    code: null,
    declineCode: null,
    answer: chargeAnswer(charge),
    visibleAtMs: null,
    createdAtMs: nowMs,
  };
}
