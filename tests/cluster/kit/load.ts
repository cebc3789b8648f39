import { setTimeout as sleep } from "node:timers/promises";
import { type CallOptions, call, payment } from "./ingress.ts";

export type Load = {
  /** Ids of the payments that were accepted. */
  readonly accepted: readonly string[];
  readonly sent: number;
  /** Requests that were sent again. */
  readonly repeated: number;
  /** Answers that are no 202 and no 200, and connections that failed: one sentence each. */
  readonly failures: readonly string[];
};

/** Of each hundred requests so many wait for the outcome, and every second one has a connection of its own. */
const WAITING_PERCENT = 10;

const REPEAT_AFTER_MS = 500;

export type LoadOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** How often a client sends a payment at most, each time with the same idempotency key; 1: whatever fails has failed. Default 1. */
  readonly tries?: number;
};

/** Payments through the ingress at a steady rate until `until` resolves. Resolves when all are answered. */
export async function loadWhile(ratePerS: number, until: Promise<unknown>, options: LoadOptions = {}): Promise<Load> {
  const accepted: string[] = [];
  const failures: string[] = [];
  const pending = new Set<Promise<void>>();
  let isOver = false;
  let sent = 0;
  let repeated = 0;
  const over = until.finally(() => {
    isOver = true;
  });
  const startedAtMs = performance.now();
  while (!isOver) {
    const due = ((performance.now() - startedAtMs) / 1000) * ratePerS;
    for (; sent < due; sent += 1) {
      const one = pay(sent, options).then(({ id, tries, failure }) => {
        repeated += tries - 1;
        if (id === undefined) failures.push(failure);
        else accepted.push(id);
        pending.delete(one);
      });
      pending.add(one);
    }
    await sleep(5);
  }
  await over;
  await Promise.all(pending);
  return { accepted, sent, repeated, failures };
}

type Paid = { readonly id: string | undefined; readonly tries: number; readonly failure: string };

async function pay(number: number, { headers = {}, tries: most = 1 }: LoadOptions): Promise<Paid> {
  const isWaiting = number % 100 < WAITING_PERCENT;
  const key = crypto.randomUUID();
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt({
      key,
      body: payment,
      isNewConnection: number % 2 === 0,
      headers: { ...headers, ...(isWaiting ? { prefer: "wait=5" } : {}) },
    });
    if (outcome.id !== undefined || tries === most) return { ...outcome, tries };
    await sleep(REPEAT_AFTER_MS);
  }
}

async function attempt(options: CallOptions): Promise<Omit<Paid, "tries">> {
  const startedAtMs = Date.now();
  const at = new Date(startedAtMs).toISOString();
  try {
    const { status, json } = await call("POST", "/v1/payments", options);
    if (status === 202) return { id: json.id, failure: "" };
    return { id: undefined, failure: `${at} ${status} ${JSON.stringify(json).slice(0, 300)}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { id: undefined, failure: `${at} ${Date.now() - startedAtMs} ms ${code ?? ""} ${message}` };
  }
}
