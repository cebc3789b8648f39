import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, call, payment } from "./ingress.ts";

export type Load = {
  /** Ids of the payments that were accepted. */
  readonly accepted: readonly string[];
  readonly sent: number;
  /** Answers that are no 202 and no 200, and connections that failed: one sentence each. */
  readonly failures: readonly string[];
};

/** Of each hundred requests so many wait for the outcome, and every second one has a connection of its own. */
const WAITING_PERCENT = 10;

/** Payments through the ingress at a steady rate until `until` resolves, none of them tried twice. Resolves when all are answered. */
export async function loadWhile(ratePerS: number, until: Promise<unknown>, headers: Headers = {}): Promise<Load> {
  const accepted: string[] = [];
  const failures: string[] = [];
  const pending = new Set<Promise<void>>();
  let isOver = false;
  let sent = 0;
  const over = until.finally(() => {
    isOver = true;
  });
  const startedAtMs = performance.now();
  while (!isOver) {
    const due = ((performance.now() - startedAtMs) / 1000) * ratePerS;
    for (; sent < due; sent += 1) {
      const one = pay(sent, accepted, failures, headers).finally(() => pending.delete(one));
      pending.add(one);
    }
    await sleep(5);
  }
  await over;
  await Promise.all(pending);
  return { accepted, sent, failures };
}

type Headers = Readonly<Record<string, string>>;

async function pay(number: number, accepted: string[], failures: string[], headers: Headers): Promise<void> {
  const isWaiting = number % 100 < WAITING_PERCENT;
  const startedAtMs = Date.now();
  try {
    const answer: Answer = await call("POST", "/v1/payments", {
      body: payment,
      isNewConnection: number % 2 === 0,
      headers: { ...headers, ...(isWaiting ? { prefer: "wait=5" } : {}) },
    });
    if (answer.status === 202) accepted.push(answer.json.id);
    else
      failures.push(
        `${new Date(startedAtMs).toISOString()} ${answer.status} ${JSON.stringify(answer.json).slice(0, 300)}`,
      );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    failures.push(`${new Date(startedAtMs).toISOString()} ${Date.now() - startedAtMs} ms ${code ?? ""} ${message}`);
  }
}
