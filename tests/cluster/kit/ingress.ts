import { Agent, request } from "node:http";
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
/** Below the minute after which Envoy closes what is idle: a request must not meet a connection that is being closed. */
const IDLE_TIMEOUT_MS = 20_000;
const kept = new Agent({ keepAlive: true, maxSockets: 32, timeout: IDLE_TIMEOUT_MS });

/** Closes the connections that were kept. */
export function closeIngress(): void {
  kept.destroy();
}

/** A request through the ingress controller, once: nothing is repeated. @throws the connection's error */
export function call(method: "GET" | "POST", path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, key, headers, isNewConnection = false } = options;
  const text = body === undefined ? "" : JSON.stringify(body);
  const forBody = { "content-type": "application/json", "idempotency-key": key ?? crypto.randomUUID() };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(INGRESS_URL + path, {
    method,
    agent: isNewConnection ? false : kept,
    timeout: ANSWER_TIMEOUT_MS,
    headers: {
      host: INGRESS_HOST,
      authorization: `Bearer ${API_KEY}`,
      ...(body === undefined ? {} : { ...forBody, "content-length": Buffer.byteLength(text) }),
      ...headers,
    },
  });
  sent.on("timeout", () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
  sent.on("error", reject);
  sent.on("response", (answer) => {
    let read = "";
    answer.setEncoding("utf8");
    answer.on("error", reject);
    answer.on("data", (chunk: string) => {
      read += chunk;
    });
    answer.on("end", () => {
      resolve({ status: answer.statusCode ?? 0, json: read.startsWith("{") ? JSON.parse(read) : read });
    });
  });
  sent.end(text);
  return promise;
}

/** A payment of 19.99 EUR on a good card. */
export const payment = { amount: 1999, currency: "EUR", payment_method: "pm_card_visa", capture: "automatic" } as const;
