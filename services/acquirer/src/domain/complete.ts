import { invariant } from "@kassa/kernel/assert";
import { capturedAtOnce } from "./authorize.ts";
import { behaviourNamed } from "./behaviour.ts";
import type { Charge, Refund } from "./charge.ts";
import type { Decision, DecisionContext } from "./decision.ts";
import { REFUND_FAILURE } from "./follow-up.ts";
import type { Operation } from "./operation.ts";
import { disputeWebhook, webhooksOf } from "./webhook-message.ts";

/** The end of an operation that was answered with `pending`. Its stored answer stays as it was given. */
export function complete(
  operation: Operation,
  charge: Charge,
  refund: Refund | undefined,
  context: DecisionContext,
): Decision {
  invariant(operation.result === "pending", `operation ${operation.key} has ended already`);
  if (operation.kind === "authorize") return completeCharge(operation, charge, context);
  invariant(refund !== undefined, `operation ${operation.key} has lost its refund`);
  return completeRefund(operation, charge, refund, context);
}

function completeCharge(operation: Operation, pending: Charge, context: DecisionContext): Decision {
  const captures = pending.capturesAtOnce;
  const charge: Charge = {
    ...pending,
    status: captures ? "captured" : "authorized",
    amountCaptured: captures ? pending.amount : 0,
  };
  const ended: Operation = { ...operation, result: "succeeded" };
  return {
    operation: ended,
    charge,
    refund: null,
    movements: capturedAtOnce(charge),
    webhooks: [
      ...webhooksOf(ended, behaviourNamed(charge.behaviour), context, true),
      ...(captures ? disputeWebhook(charge, charge.operationId, context) : []),
    ],
    completeAtMs: null,
  };
}

function completeRefund(operation: Operation, charge: Charge, pending: Refund, context: DecisionContext): Decision {
  const behaviour = behaviourNamed(charge.behaviour);
  const fails = behaviour.refund === "fail_later";
  const ended: Operation = {
    ...operation,
    result: fails ? "failed" : "succeeded",
    code: fails ? REFUND_FAILURE : null,
  };
  const { id: chargeId, currency } = charge;
  const moved = {
    kind: "refund",
    chargeId,
    operationId: pending.operationId,
    amount: pending.amount,
    currency,
  } as const;
  return {
    operation: ended,
    charge: fails ? { ...charge, amountRefunded: charge.amountRefunded - pending.amount } : null,
    refund: { ...pending, status: fails ? "failed" : "succeeded", failureCode: ended.code },
    movements: fails ? [] : [moved],
    webhooks: webhooksOf(ended, behaviour, context, true),
    completeAtMs: null,
  };
}
