import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AcquirerWebhook } from "@kassa/contracts/acquirer-routes";
import { Webhook } from "standardwebhooks";

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of the tests alone").toString("base64")}`;

export type Received = { readonly id: string; readonly atMs: number; readonly webhook: AcquirerWebhook };

export type WebhookReceiver = {
  readonly url: string;
  /** Those whose signature was right and that were answered with 204. */
  readonly received: Received[];
  /** Status to answer the next deliveries with, the first first; 204 when none is left. */
  readonly refusals: number[];
  attempts(): number;
  close(): Promise<void>;
};

/** A merchant that listens for webhooks and checks their signatures. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const verifier = new Webhook(WEBHOOK_SECRET);
  const received: Received[] = [];
  const refusals: number[] = [];
  let attempts = 0;
  const server = createServer(async (req, res) => {
    attempts += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const status = refusals.shift();
    if (status !== undefined) return res.writeHead(status).end();
    try {
      const webhook = verifier.verify(Buffer.concat(chunks), req.headers as Record<string, string>) as AcquirerWebhook;
      received.push({ id: String(req.headers["webhook-id"]), atMs: performance.now(), webhook });
      res.writeHead(204).end();
    } catch {
      res.writeHead(401).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    refusals,
    attempts: () => attempts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
