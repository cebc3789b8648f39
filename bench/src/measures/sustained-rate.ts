import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../installation/product.ts";
import type { LoadGenerator } from "../load/load-generator.ts";
import type { LoadResult } from "../load/load-job.ts";
import { tell } from "../progress.ts";
import type { Backlog } from "./backlog.ts";
import { paymentLoad } from "./payment-load.ts";

const STEP_MS = 500;
const FIRST_RATE_PER_S = 800;
const LEAST_RATE_PER_S = 20;
/** A backlog of so many seconds of load is what a busy pipeline holds anyway. */
const USUAL_BACKLOG_S = 0.4;
const DRAIN_TIMEOUT_MS = 180_000;

export type LoadedProduct = {
  readonly product: Product;
  readonly generator: LoadGenerator;
  readonly backlog: Backlog;
};

/**
 * Payments/s that a product can take through their whole life: the offered rate follows the backlog, up while it is short, down
 * while it is long; the second half of the time counts.
 */
export async function findRate(loaded: LoadedProduct, seconds: number): Promise<number> {
  const { product, generator, backlog } = loaded;
  let ratePerS = FIRST_RATE_PER_S;
  const target = { port: product.apiPort, apiKey: product.apiKey };
  const load = generator.start(paymentLoad(target, { kind: "open", ratePerS }, seconds));
  const done = async () => ({ atMs: performance.now(), count: load.progress().answered - (await backlog.size()) });
  const steps = Math.max(2, Math.floor((seconds * 1000) / STEP_MS) - 1);
  let half = await done();
  for (let step = 1; step <= steps; step += 1) {
    await sleep(STEP_MS);
    if (step === Math.floor(steps / 2)) half = await done();
    const waitingS = ((await backlog.size()) + load.progress().waiting) / ratePerS;
    ratePerS = Math.max(LEAST_RATE_PER_S, ratePerS * rateChange(waitingS));
    load.setRate(ratePerS);
  }
  const end = await done();
  await load.result;
  await drain(loaded);
  const found = Math.max(LEAST_RATE_PER_S, ((end.count - half.count) * 1000) / (end.atMs - half.atMs));
  tell(`about ${found.toFixed(0)} payments/s`);
  return found;
}

/** By what the rate is multiplied when so many seconds of load wait. */
function rateChange(waitingS: number): number {
  if (waitingS > USUAL_BACKLOG_S * 2) return 0.8;
  if (waitingS > USUAL_BACKLOG_S) return 0.95;
  return waitingS > USUAL_BACKLOG_S / 2 ? 1.08 : 1.25;
}

export type Window = {
  readonly ratePerS: number;
  readonly completedPerS: number;
  readonly sent: number;
  readonly leftAtStop: number;
  readonly drainS: number;
  readonly isSustained: boolean;
  readonly load: LoadResult;
};

/** Offers a fixed rate to a product that has nothing left to do, and waits until it has nothing left again. */
export async function offer(loaded: LoadedProduct, ratePerS: number, seconds: number): Promise<Window> {
  const { product, generator, backlog } = loaded;
  const target = { port: product.apiPort, apiKey: product.apiKey };
  const load = generator.start(paymentLoad(target, { kind: "open", ratePerS }, seconds));
  const sizes: number[] = [];
  const samples = Math.floor(seconds * 2);
  for (let sample = 0; sample < samples; sample += 1) {
    await sleep(STEP_MS * 0.98);
    sizes.push((await backlog.size()) + load.progress().waiting);
  }
  const result = await load.result;
  const leftAtStop = await backlog.size();
  const stoppedAtMs = performance.now();
  refuseOthers(result);
  await drain(loaded);
  const window = {
    ratePerS,
    completedPerS: (result.sent - leftAtStop) / seconds,
    sent: result.sent,
    leftAtStop,
    drainS: (performance.now() - stoppedAtMs) / 1000,
    isSustained: !grows(sizes, ratePerS) && result.unsent < ratePerS * USUAL_BACKLOG_S,
    load: result,
  };
  tell(
    `offered ${ratePerS.toFixed(0)}/s: completed ${window.completedPerS.toFixed(0)}/s, left ${leftAtStop}, drained in ${window.drainS.toFixed(2)} s, backlog ${window.isSustained ? "steady" : "GROWS"}`,
  );
  return window;
}

/** Resolves when every payment accepted is decided. @throws Error when that takes longer than three minutes */
async function drain({ backlog, product }: LoadedProduct): Promise<void> {
  const deadlineAtMs = Date.now() + DRAIN_TIMEOUT_MS;
  for (let left = await backlog.size(); left > 0; left = await backlog.size()) {
    for (const program of product.programs) program.assertRuns();
    if (Date.now() > deadlineAtMs)
      throw new Error(`${left} payments are undecided ${DRAIN_TIMEOUT_MS} ms after the load`);
    await sleep(50);
  }
}

/** Compares the last quarter with the second: the first is the start. */
function grows(sizes: readonly number[], ratePerS: number): boolean {
  const quarter = Math.max(1, Math.floor(sizes.length / 4));
  const mean = (part: readonly number[]) => part.reduce((sum, size) => sum + size, 0) / Math.max(1, part.length);
  const early = mean(sizes.slice(quarter, 2 * quarter));
  const late = mean(sizes.slice(-quarter));
  return late > early + ratePerS * USUAL_BACKLOG_S && late > ratePerS * USUAL_BACKLOG_S;
}

function refuseOthers({ statuses, sent }: LoadResult): void {
  if (statuses["202"] !== sent) throw new Error(`${sent} payments were offered, answered: ${JSON.stringify(statuses)}`);
}
