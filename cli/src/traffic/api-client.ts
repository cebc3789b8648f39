import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export type ApiRequest = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
  /** Seconds to wait for the outcome. */
  readonly waitS?: number;
};

/** What the client counts, by what happened: `retried`, `unanswered`, `202`, `409 invalid_state`. */
export type Count = (what: string) => void;

const CONNECTIONS = 256;
const TIMEOUT_MS = 15_000;
/** From the first try to the last. Longer than a restart of every part of the product takes. */
const PATIENCE_MS = 90_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;
const MS_PER_S = 1_000;

/** Errors under which the same request may be sent again, beside 429 and 5xx: what was asked is still being done. */
const TRY_AGAIN_CODES: ReadonlySet<unknown> = new Set(["idempotency_in_flight"]);

/** A merchant's client: what is not answered is sent again with the same key, until it is answered or patience ends. */
export class ApiClient {
  readonly #pool: Pool;
  readonly #key: string;
  readonly #count: Count;

  constructor(origin: string, key: string, count: Count) {
    this.#pool = new Pool(origin, { connections: CONNECTIONS, connect: { timeout: TIMEOUT_MS } });
    this.#key = key;
    this.#count = count;
  }

  /** The final answer, or undefined when there was none. */
  async send(request: ApiRequest): Promise<Answer | undefined> {
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    for (let tries = 0; ; tries++) {
      const answer = await this.#sendOnce(request);
      if (answer !== undefined && !isTemporary(answer)) {
        if (request.method === "POST") this.#count(nameOf(answer));
        return answer;
      }
      const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2);
      if (Date.now() + pauseMs > giveUpAtMs) {
        this.#count("unanswered");
        return undefined;
      }
      this.#count("retried");
      await sleep(pauseMs);
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #sendOnce({ method, path, body, idempotencyKey, waitS = 0 }: ApiRequest): Promise<Answer | undefined> {
    const timeoutMs = TIMEOUT_MS + waitS * MS_PER_S;
    try {
      const answer = await this.#pool.request({
        method,
        path,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        body: body === undefined ? null : JSON.stringify(body),
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
          ...(waitS === 0 ? {} : { prefer: `wait=${waitS}` }),
        },
      });
      return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
    } catch {
      return undefined;
    }
  }
}

function isTemporary({ status, body }: Answer): boolean {
  return status >= 500 || status === 429 || TRY_AGAIN_CODES.has(body.code);
}

function nameOf({ status, body }: Answer): string {
  return status < 400 ? String(status) : `${status} ${String(body.code)}`;
}
