import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";

export type Answer = {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  readonly json: any;
};

export type Call = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly key?: string;
  readonly body?: unknown;
  /** Milliseconds since the epoch; an answer that has not come by then is given up. */
  readonly giveUpAtMs: number;
};

const ANSWER_TIMEOUT_MS = 10_000;
const RETRY_MS = 200;
const RETRY_MOST_MS = 1_000;
const CONNECTIONS = 64;
/** The first request with the key is still at work; this one is to ask again. */
const IN_FLIGHT = "idempotency_in_flight";

/** What a careful merchant does: what was not answered is sent again with the same key, to the next address. */
export class RetryingClient {
  readonly #origins: readonly string[];
  readonly #apiKey: string;
  readonly #agent = new Agent({ connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 5_000 });
  readonly #waiting: (() => void)[] = [];
  #free = CONNECTIONS;
  #isClosed = false;
  #next = 0;
  #retries = 0;

  constructor(origins: readonly string[], apiKey: string) {
    this.#origins = origins;
    this.#apiKey = apiKey;
  }

  /** How often a request had to be sent again. */
  get retries(): number {
    return this.#retries;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The first answer that is one; undefined when none has come in time, or the client was closed. */
  async send(call: Call): Promise<Answer | undefined> {
    for (let attempt = 0; Date.now() < call.giveUpAtMs && !this.#isClosed; attempt += 1) {
      const answer = await this.#try(call).catch(() => undefined);
      if (answer !== undefined && !isTemporary(answer)) return answer;
      this.#retries += 1;
      await sleep(Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** attempt) * (0.5 + Math.random()));
    }
    return undefined;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#agent.destroy();
  }

  /** A request's time begins when it is sent: one that timed out in a queue would be sent again and again, and never arrive. */
  async #try(call: Call): Promise<Answer> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#request(call);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #request({ method, path, key, body }: Call): Promise<Answer> {
    this.#next += 1;
    const origin = this.#origins[this.#next % this.#origins.length];
    const response = await request(`${origin}${path}`, {
      method,
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${this.#apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, json: await response.body.json() };
  }
}

function isTemporary({ status, json }: Answer): boolean {
  return status >= 500 || status === 429 || json?.code === IN_FLIGHT;
}
