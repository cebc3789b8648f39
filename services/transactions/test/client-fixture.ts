import { setTimeout as sleep } from "node:timers/promises";

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
  readonly body: any;
};

export type PostOptions = {
  /** Idempotency-Key; a new one when it is left out, none when it is null. */
  readonly key?: string | null;
  /** Seconds of Prefer: wait. */
  readonly waitS?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

let made = 0;

/** A name that no other test has used. */
export function fresh(prefix: string): string {
  made += 1;
  return `${prefix}-${process.pid}-${made}`;
}

/** A merchant's server: it speaks HTTP with its API key. */
export class Api {
  readonly url: string;
  readonly #authorization: Readonly<Record<string, string>>;

  /** Without a key no Authorization header is sent. */
  constructor(url: string, key?: string) {
    this.url = url;
    this.#authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return send(this.url + path, { headers: { ...this.#authorization, ...headers } });
  }

  /** A string is sent as it is, everything else as JSON. */
  post(path: string, body: unknown, { key, waitS, headers }: PostOptions = {}): Promise<Answer> {
    return send(this.url + path, {
      method: "POST",
      headers: {
        ...this.#authorization,
        "content-type": "application/json",
        ...(key === null ? {} : { "idempotency-key": key ?? fresh("key") }),
        ...(waitS === undefined ? {} : { prefer: `wait=${waitS}` }),
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** Any method, without a body. */
  request(method: string, path: string): Promise<Answer> {
    return send(this.url + path, { method, headers: this.#authorization });
  }

  /** A payment of 19.99 EUR on a good card, and its outcome. */
  async pay(more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.post("/v1/payments", paymentBody(more), { waitS: 20 });
  }

  /** Looks at the payment until it has one of the statuses; 20 s at most. */
  async until(id: string, ...statuses: readonly string[]): Promise<Answer> {
    return eventually(async () => {
      const answer = await this.get(`/v1/payments/${id}`);
      return statuses.includes(answer.body.status) ? answer : undefined;
    });
  }
}

/** The body of a payment of 19.99 EUR on a good card. */
export function paymentBody(more: Readonly<Record<string, unknown>> = {}) {
  return { amount: 1999, currency: "EUR", payment_method: "pm_card_visa", ...more };
}

/** A raw card, good until 2034. */
export function rawCard(number = "4242424242424242", cvc = "737") {
  return { card: { number, exp_month: 12, exp_year: 2034, cvc } };
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** Asks until the condition holds, and gives back what it returned. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, withinMs = 20_000): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > giveUpAt) throw new Error(`waited ${withinMs} ms in vain`);
    await sleep(15);
  }
}
