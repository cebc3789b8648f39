import type { Clock } from "@kassa/kernel/clock";
import type { DeliveryOutcome, DueWebhook, WebhookQueue, WebhookSender } from "../ports.ts";

export type RetryBounds = {
  readonly maxAttempts: number;
  /** Before the second delivery; doubles with each. */
  readonly baseMs: number;
  readonly maxMs: number;
};

/** Delivers one leased webhook and writes down what became of it. */
export async function deliverWebhook(
  webhook: DueWebhook,
  ports: { readonly queue: WebhookQueue; readonly sender: WebhookSender; readonly clock: Clock },
  bounds: RetryBounds,
): Promise<DeliveryOutcome> {
  const outcome = await attempt(webhook, ports, bounds);
  await ports.queue.settle(webhook, outcome);
  return outcome;
}

async function attempt(
  webhook: DueWebhook,
  { sender, clock }: { readonly sender: WebhookSender; readonly clock: Clock },
  bounds: RetryBounds,
): Promise<DeliveryOutcome> {
  try {
    await sender.send(webhook, clock.now());
    return { kind: "delivered" };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    const nowMs = clock.now();
    if (webhook.attempts >= bounds.maxAttempts) return { kind: "gave_up", atMs: nowMs, error };
    return { kind: "retry", dueAtMs: nowMs + backoffMs(webhook.attempts, bounds), error };
  }
}

/** Milliseconds before the delivery after the given number of attempts. */
export function backoffMs(attempts: number, { baseMs, maxMs }: RetryBounds): number {
  return Math.min(maxMs, baseMs * 2 ** (attempts - 1));
}
