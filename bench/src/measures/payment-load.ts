import type { Product } from "../installation/product.ts";
import type { LoadJob } from "../load/load-job.ts";

export const CONNECTIONS = 64;

const PAYMENT = JSON.stringify({
  amount: 1999,
  currency: "EUR",
  payment_method: "pm_card_visa",
  capture: "automatic",
  reference: "order-1",
  metadata: { cart: "c-48213" },
});

/** POST /v1/payments on 64 connections; each with an Idempotency-Key of its own. */
export function paymentLoad(
  { port, apiKey }: { readonly port: number; readonly apiKey: string },
  pace: LoadJob["pace"],
  durationS: number,
): LoadJob {
  const request = { kind: "post", path: "/v1/payments", apiKey, body: PAYMENT } as const;
  return { port, connections: CONNECTIONS, request, pace, durationMs: durationS * 1000 };
}

/** One payment over the API; resolves with the text of its answer. */
export async function payOnce({ apiPort, apiKey }: Product): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${apiPort}/v1/payments`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": `probe-${Date.now()}-${Math.random()}`,
    },
    body: PAYMENT,
  });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`the first payment was answered with ${answer.status}: ${text}`);
  return text;
}
