import { Webhook } from "standardwebhooks";
import type { WebhookSender } from "../ports.ts";

export type WebhookSenderOptions = {
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
  /** Milliseconds a delivery may take. */
  readonly timeoutMs: number;
};

/** Sends webhooks over HTTP, signed as Standard Webhooks says. Anything but 2xx in time is a failure. */
export function createWebhookSender({ url, secret, timeoutMs }: WebhookSenderOptions): WebhookSender {
  const signer = new Webhook(secret);
  return {
    async send({ id, body }, nowMs) {
      const sentAt = new Date(nowMs);
      const headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": Math.floor(nowMs / 1000).toString(),
        "webhook-signature": signer.sign(id, sentAt, body),
      };
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
      // The connection is free for the next delivery once the body is read.
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the merchant answered ${response.status}`);
    },
  };
}
