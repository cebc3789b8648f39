import type { Clock } from "@kassa/kernel/clock";
import type { Logger } from "@kassa/platform/log";
import { deliverWebhook, type RetryBounds } from "../commands/deliver-webhook.ts";
import type { DeliveryOutcome, DueWebhook, WebhookQueue, WebhookSender } from "../ports.ts";
import { PollLoop } from "./poll-loop.ts";

export type WebhookDeliveryOptions = {
  readonly queue: WebhookQueue;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pollMs: number;
  /** Deliveries at once. */
  readonly concurrency: number;
  /** Milliseconds after which a delivery that nobody settled is due again; longer than a delivery may take. */
  readonly leaseMs: number;
  readonly retry: RetryBounds;
  readonly onDelivery?: (outcome: DeliveryOutcome["kind"]) => void;
};

/** The job that empties the queue of webhooks, a bounded number at once. */
export function createWebhookDelivery(options: WebhookDeliveryOptions): PollLoop {
  const { queue, clock, concurrency, leaseMs } = options;
  const onTheirWay = new Set<Promise<void>>();
  const loop = new PollLoop({
    name: "webhook_delivery",
    intervalMs: options.pollMs,
    log: options.log,
    async turn() {
      const free = concurrency - onTheirWay.size;
      if (free === 0) return false;
      const due = await queue.lease(clock.now(), leaseMs, free);
      for (const webhook of due) {
        const delivery = deliver(webhook, options).finally(() => {
          onTheirWay.delete(delivery);
          loop.nudge();
        });
        onTheirWay.add(delivery);
      }
      return due.length === free;
    },
    async finish() {
      await Promise.all(onTheirWay);
    },
  });
  return loop;
}

async function deliver(webhook: DueWebhook, options: WebhookDeliveryOptions): Promise<void> {
  const { log } = options;
  try {
    const outcome = await deliverWebhook(webhook, options, options.retry);
    options.onDelivery?.(outcome.kind);
    if (outcome.kind === "gave_up")
      log.error({ webhook_id: webhook.id, reason: outcome.error }, "a webhook was given up");
  } catch (error) {
    // Its outcome could not be written down: the lease ends and it is delivered again.
    log.warn({ err: error, webhook_id: webhook.id }, "a delivery could not be settled");
  }
}
