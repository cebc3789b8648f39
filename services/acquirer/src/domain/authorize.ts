import { chargeAnswer } from "./answer.ts";
import { type Behaviour, behaviourNamed } from "./behaviour.ts";
import type { Charge, ChargeStatus, Movement } from "./charge.ts";
import type { Decision, DecisionContext } from "./decision.ts";
import type { Operation, OperationResult } from "./operation.ts";
import { refuse } from "./refuse.ts";
import type { AuthorizeRequest } from "./request.ts";
import type { Card } from "./test-cards.ts";
import { disputeWebhook, webhooksOf } from "./webhook-message.ts";

/** A new charge on the card, or `unknown_payment_method`. A decline is a charge too. */
export function authorize(request: AuthorizeRequest, card: Card | undefined, context: DecisionContext): Decision {
  if (card === undefined) {
    const detail = "No such token; use a test token such as pm_card_visa or one from POST /v1/tokens.";
    return refuse(request, context.nowMs, "unknown_payment_method", detail, request.currency);
  }
  const behaviour = behaviourNamed(card.behaviour);
  const charge = newCharge(request, card, behaviour, context.nowMs);
  const operation = authorization(request, charge, behaviour, context);
  const movements = capturedAtOnce(charge);
  const isFinished = operation.result !== "pending";
  return {
    operation,
    charge,
    refund: null,
    movements,
    webhooks: [
      ...(isFinished ? webhooksOf(operation, behaviour, context, false) : []),
      ...(movements.length > 0 ? disputeWebhook(charge, charge.operationId, context) : []),
    ],
    completeAtMs: behaviour.authorize.kind === "approve_later" ? context.nowMs + context.completionMs : null,
  };
}

/** The line of the settlement report for a charge that its authorization captured. */
export function capturedAtOnce(charge: Charge): readonly Movement[] {
  if (charge.status !== "captured") return [];
  const { id: chargeId, operationId, amountCaptured: amount, currency } = charge;
  return [{ kind: "capture", chargeId, operationId, amount, currency }];
}

function newCharge(request: AuthorizeRequest, card: Card, behaviour: Behaviour, nowMs: number): Charge {
  const status = statusOf(behaviour, request.capture);
  const verdict = behaviour.authorize;
  return {
    id: request.chargeId,
    status,
    amount: request.amount,
    amountCaptured: status === "captured" ? request.amount : 0,
    amountRefunded: 0,
    currency: request.currency,
    behaviour: card.behaviour,
    capturesAtOnce: request.capture,
    operationId: request.operationId,
    decline: verdict.kind === "decline" ? { code: verdict.code, declineCode: verdict.declineCode } : null,
    createdAtMs: nowMs,
  };
}

function statusOf(behaviour: Behaviour, captures: boolean): ChargeStatus {
  switch (behaviour.authorize.kind) {
    case "decline":
      return "declined";
    case "approve":
      return captures ? "captured" : "authorized";
    case "approve_later":
    case "pending_for_ever":
      return "pending";
  }
}

const results: Readonly<Record<ChargeStatus, OperationResult>> = {
  pending: "pending",
  authorized: "succeeded",
  captured: "succeeded",
  declined: "failed",
  voided: "failed",
};

function authorization(
  request: AuthorizeRequest,
  charge: Charge,
  behaviour: Behaviour,
  context: DecisionContext,
): Operation {
  return {
    key: request.key,
    fingerprint: request.fingerprint,
    operationId: request.operationId,
    kind: "authorize",
    result: results[charge.status],
    chargeId: charge.id,
    subjectId: charge.id,
    amount: charge.amount,
    currency: charge.currency,
    code: charge.decline?.code ?? null,
    declineCode: charge.decline?.declineCode ?? null,
    answer: chargeAnswer(charge),
    visibleAtMs: behaviour.isVisibleLate ? context.nowMs + context.lateLookUpMs : null,
    createdAtMs: context.nowMs,
  };
}
