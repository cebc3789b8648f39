import type { OperationOutcome } from "@kassa/contracts/payment-events";
import type { Uuid } from "@kassa/kernel/id";
import type { PaymentStore, WebhookStore } from "../ports.ts";

export type Webhook = {
  readonly provider: string;
  /** The provider's id of the message, the same at every delivery. */
  readonly webhookId: string;
  readonly operationId: Uuid;
  readonly outcome: OperationOutcome;
};

/**
 * Stores what a provider told and sends a worker; durable when it resolves. The tenant and the payment come from our
 * operation, never from the webhook. One that matches no operation yet is parked until it does.
 */
export async function receiveWebhook(
  store: PaymentStore,
  webhooks: WebhookStore,
  webhook: Webhook,
  traceparent: string | undefined,
): Promise<void> {
  const operation = await webhooks.findOperation(webhook.operationId);
  if (operation === undefined || operation.provider !== webhook.provider) {
    await webhooks.park(webhook);
    return;
  }
  const messageId = `${webhook.provider}:${webhook.webhookId}`;
  await store.commit({
    received: { consumer: "transactions.webhooks", messageId },
    changes: [],
    commands: [
      {
        command_id: messageId,
        payment_id: operation.paymentId,
        merchant_id: operation.merchantId,
        reason: "webhook",
        operation_id: webhook.operationId,
        outcome: webhook.outcome,
      },
    ],
    traceparent,
  });
}
