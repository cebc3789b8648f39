import { Agent, request } from "undici";
import { API_KEY } from "./installation.ts";

/** Where the ingress controller listens, and the host of the test values. */
export const INGRESS_URL = process.env.KASSA_INGRESS_URL ?? "http://127.0.0.1:8080";
export const INGRESS_HOST = process.env.KASSA_INGRESS_HOST ?? "kassa.example.test";

export type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  readonly json: any;
};

export type CallOptions = {
  readonly body?: object;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A connection of its own that is closed afterwards; else one of those that are kept. */
  readonly isNewConnection?: boolean;
};

const ANSWER_TIMEOUT_MS = 45_000;
const kept = new Agent({ connections: 32, headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS });

/** Closes the connections that were kept. */
export function closeIngress(): Promise<void> {
  return kept.close();
}

/** A request through the ingress controller, once: nothing is repeated. @throws the connection's error */
export async function call(method: "GET" | "POST", path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, key, headers, isNewConnection = false } = options;
  const dispatcher = isNewConnection ? new Agent({ pipelining: 0, headersTimeout: ANSWER_TIMEOUT_MS }) : kept;
  try {
    const answer = await request(INGRESS_URL + path, {
      method,
      dispatcher,
      headers: {
        host: INGRESS_HOST,
        authorization: `Bearer ${API_KEY}`,
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "idempotency-key": key ?? crypto.randomUUID() }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, json: text.startsWith("{") ? JSON.parse(text) : text };
  } finally {
    if (isNewConnection) await dispatcher.close();
  }
}

/** A payment of 19.99 EUR on a good card. */
export const payment = { amount: 1999, currency: "EUR", payment_method: "pm_card_visa", capture: "automatic" } as const;
