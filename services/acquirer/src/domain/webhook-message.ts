import type { AcquirerWebhook } from "@kassa/contracts/acquirer-routes";
import { type Behaviour, behaviourNamed } from "./behaviour.ts";
import type { Charge } from "./charge.ts";
import type { DecisionContext } from "./decision.ts";
import type { Operation } from "./operation.ts";

export type WebhookMessage = {
  /** The header `webhook-id`; copies of a message share it, as redeliveries do. */
  readonly id: string;
  readonly copy: number;
  readonly dueAtMs: number;
  readonly body: string;
};

const NONE: readonly WebhookMessage[] = [];

/** The webhooks that tell of a finished operation, by the card's behaviour and the mode. */
export function webhooksOf(
  operation: Operation,
  behaviour: Behaviour,
  context: DecisionContext,
  isAsynchronous: boolean,
): readonly WebhookMessage[] {
  if (context.webhookMode === "off") return NONE;
  const asked = context.webhookMode === "all" || isAsynchronous ? 1 : 0;
  const copies = Math.max(asked, behaviour.webhookCopies);
  if (copies === 0) return NONE;
  const body = JSON.stringify(finished(operation, context.nowMs));
  const dueAtMs = operation.visibleAtMs ?? context.nowMs;
  const id = webhookId(operation);
  return Array.from({ length: copies }, (_, copy) => ({ id, copy, dueAtMs, body }));
}

/** The id of the message that tells of an operation's end. An operation ends once, and a charge is captured or voided once. */
export function webhookId(operation: Operation): string {
  return `msg_${operation.subjectId}_${operation.kind}`;
}

/** The message of a dispute over a captured charge. `operationId` is the capture's. */
export function disputeWebhook(
  charge: Charge,
  operationId: string,
  context: DecisionContext,
): readonly WebhookMessage[] {
  if (context.webhookMode === "off" || !behaviourNamed(charge.behaviour).isDisputed) return NONE;
  const dueAtMs = context.nowMs + context.disputeMs;
  const webhook: AcquirerWebhook = {
    type: "dispute.opened",
    timestamp: new Date(dueAtMs).toISOString(),
    data: {
      operation_id: operationId,
      kind: "dispute",
      result: "succeeded",
      id: charge.id,
      amount: charge.amountCaptured,
      currency: charge.currency,
    },
  };
  return [{ id: `msg_${charge.id}_dispute`, copy: 0, dueAtMs, body: JSON.stringify(webhook) }];
}

function finished(operation: Operation, nowMs: number): AcquirerWebhook {
  return {
    type: operation.kind === "refund" ? "refund.updated" : "charge.updated",
    timestamp: new Date(nowMs).toISOString(),
    data: {
      operation_id: operation.operationId,
      kind: operation.kind,
      result: operation.result === "succeeded" ? "succeeded" : "failed",
      id: operation.subjectId,
      amount: operation.amount,
      currency: operation.currency,
      ...(operation.code === null ? {} : { code: operation.code }),
      ...(operation.declineCode === null ? {} : { decline_code: operation.declineCode }),
    },
  };
}
