import { setTimeout as sleep } from "node:timers/promises";
import { type PlannedPayment, planPayment } from "./payment-mix.ts";
import type { Answer, RetryingClient } from "./retrying-client.ts";
import type { Random } from "./seeded-random.ts";

export type LoadOptions = {
  readonly client: RetryingClient;
  readonly random: Random;
  /** Begins every idempotency key. */
  readonly run: string;
  readonly ratePerS: number;
  readonly durationMs: number;
};

/** A payment whose 202 the client has seen. */
export type AcceptedPayment = PlannedPayment & {
  readonly id: string;
  /** True once a capture or cancel of it was accepted. */
  amended: boolean;
};

export type LoadReport = {
  readonly accepted: ReadonlyMap<string, AcceptedPayment>;
  /** Payments that got no answer, and requests that got one they must not get: a line each. */
  readonly refusals: readonly string[];
  /** When nobody wanted anything any more: ms since the epoch. */
  readonly endedAtMs: number;
};

/** Requests that the product's absence has held up may take this much longer than the load. */
const GRACE_MS = 90_000;
/** What the merchants still want to do after the last payment was accepted has this long. */
const FOLLOW_UP_MS = 20_000;
const LOOK_EVERY_MS = 2_000;

/** Creates payments at a fixed rate whatever the answers do, and does with each what its merchant would. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const load = new PaymentLoad(options);
  return load.run();
}

class PaymentLoad {
  readonly #options: LoadOptions;
  readonly #accepted = new Map<string, AcceptedPayment>();
  readonly #refusals: string[] = [];
  #giveUpAtMs: number;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#giveUpAtMs = Date.now() + options.durationMs + GRACE_MS;
  }

  async run(): Promise<LoadReport> {
    const { client, random, run, ratePerS, durationMs } = this.#options;
    const total = Math.round((ratePerS * durationMs) / 1_000);
    const startedAtMs = Date.now();
    const creations: Promise<void>[] = [];
    const followUps: Promise<void>[] = [];
    for (let number = 0; number < total && !client.isClosed; number += 1) {
      const waitMs = startedAtMs + (number * 1_000) / ratePerS - Date.now();
      if (waitMs > 0) await sleep(waitMs);
      const planned = planPayment(random, run, number);
      creations.push(
        this.#create(planned).then((payment) => void (payment && followUps.push(this.#followUp(payment)))),
      );
    }
    await Promise.all(creations);
    this.#giveUpAtMs = Date.now() + FOLLOW_UP_MS;
    await Promise.all(followUps);
    return { accepted: this.#accepted, refusals: this.#refusals, endedAtMs: Date.now() };
  }

  async #create(planned: PlannedPayment): Promise<AcceptedPayment | undefined> {
    const { key, token, capture, amount, currency } = planned;
    const body = { amount, currency, payment_method: token, capture, reference: key };
    const answer = await this.#post("/v1/payments", key, body);
    if (answer?.status !== 202) {
      this.#refuse(`payment ${key}`, answer);
      return undefined;
    }
    const payment: AcceptedPayment = { ...planned, id: answer.json.id, amended: false };
    this.#accepted.set(payment.id, payment);
    return payment;
  }

  async #followUp(payment: AcceptedPayment): Promise<void> {
    const { followUp, id, key } = payment;
    if (followUp === "none" || followUp === "forget") return;
    const wanted = followUp === "refund" ? "completed" : "authorized";
    // A cancel may come at any time: half of them do not wait.
    const early = followUp === "cancel" && payment.amount % 2 === 0;
    if (!early && !(await this.#reaches(id, wanted))) return;
    const path = followUp === "refund" ? "refunds" : followUp;
    const answer = await this.#post(`/v1/payments/${id}/${path}`, `${key}-${followUp}`, {});
    if (answer !== undefined && answer.status < 300) payment.amended = true;
    else if (answer !== undefined && answer.status !== 409) this.#refuse(`${followUp} of ${id}`, answer);
  }

  /** False when the payment ends elsewhere, or not in time. */
  async #reaches(id: string, wanted: string): Promise<boolean> {
    const { client } = this.#options;
    while (Date.now() < this.#giveUpAtMs && !client.isClosed) {
      const path = `/v1/payments/${id}`;
      const answer = await client.send({ method: "GET", path, giveUpAtMs: this.#giveUpAtMs });
      const status = answer?.json?.status;
      if (status === wanted) return true;
      if (status === "failed" || status === "canceled" || status === "completed") return false;
      await sleep(LOOK_EVERY_MS);
    }
    return false;
  }

  #post(path: string, key: string, body: unknown): Promise<Answer | undefined> {
    return this.#options.client.send({ method: "POST", path, key, body, giveUpAtMs: this.#giveUpAtMs });
  }

  #refuse(what: string, answer: Answer | undefined): void {
    this.#refusals.push(`${what}: ${answer === undefined ? "no answer" : JSON.stringify(answer)}`);
  }
}
