import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "./api-client.ts";
import { serveOrder } from "./customer.ts";
import { drawOrder, type MixName } from "./mix.ts";
import { seededRandom } from "./random.ts";
import { Tally, type TrafficReport } from "./tally.ts";

export type TrafficOptions = {
  /** Origin of the API. */
  readonly target: string;
  readonly key: string;
  /** Payments a second, on average. */
  readonly rps: number;
  readonly durationS: number;
  /** How long to look for the outcomes of what is open after the load. */
  readonly settleS: number;
  readonly mix: MixName;
  readonly seed: number;
  /** Payments at work at once at most; what comes beyond is counted and not sent. */
  readonly maxInFlight: number;
  /** Ends the load early; the report comes all the same. */
  readonly signal: AbortSignal;
  readonly progress?: (line: string) => void;
};

const MS_PER_S = 1_000;
const PROGRESS_EVERY_MS = 5_000;
const SETTLE_EVERY_MS = 500;
const SETTLE_CONCURRENCY = 32;

/** Sends payments when their time has come, however long the earlier ones take, and follows each to its outcome. */
export async function runTraffic(options: TrafficOptions): Promise<TrafficReport> {
  const tally = new Tally();
  const client = new ApiClient(options.target, options.key, tally.count);
  const startMs = performance.now();
  const progress = setInterval(() => {
    options.progress?.(`${tally.arrivals} payments due, ${tally.accepted} accepted`);
  }, PROGRESS_EVERY_MS);
  try {
    const atWork = await sendAll(client, tally, options, startMs);
    const seconds = (performance.now() - startMs) / MS_PER_S;
    clearInterval(progress);
    if (atWork.size > 0) options.progress?.(`waiting for the outcomes of the last ${atWork.size} payments`);
    await Promise.all(atWork);
    await settle(client, tally, options);
    return tally.report(options.seed, seconds);
  } finally {
    clearInterval(progress);
    await client.close();
  }
}

/** Resolves with what is still at work when the last payment has been sent. */
async function sendAll(
  client: ApiClient,
  tally: Tally,
  options: TrafficOptions,
  startMs: number,
): Promise<ReadonlySet<Promise<void>>> {
  const random = seededRandom(options.seed);
  const endMs = startMs + options.durationS * MS_PER_S;
  const atWork = new Set<Promise<void>>();
  let dueAtMs = startMs + random.pause(MS_PER_S / options.rps);
  while (dueAtMs < endMs && !options.signal.aborted) {
    const earlyMs = dueAtMs - performance.now();
    if (earlyMs > 1) {
      await sleep(earlyMs, undefined, { signal: options.signal }).catch(() => undefined);
      continue;
    }
    tally.arrivals += 1;
    const order = drawOrder(random, options.mix, tally.arrivals);
    if (atWork.size >= options.maxInFlight) tally.notSent += 1;
    else {
      const served: Promise<void> = serveOrder(client, tally, order, dueAtMs).finally(() => atWork.delete(served));
      atWork.add(served);
    }
    dueAtMs += random.pause(MS_PER_S / options.rps);
  }
  return atWork;
}

async function settle(client: ApiClient, tally: Tally, { settleS, signal }: TrafficOptions): Promise<void> {
  const deadlineMs = performance.now() + settleS * MS_PER_S;
  for (let open = tally.open(); open.length > 0; open = tally.open()) {
    const queue = open.values();
    await Promise.all(Array.from({ length: SETTLE_CONCURRENCY }, () => lookAll(client, tally, queue)));
    if (performance.now() > deadlineMs || signal.aborted) return;
    await sleep(SETTLE_EVERY_MS);
  }
}

async function lookAll(client: ApiClient, tally: Tally, ids: IterableIterator<string>): Promise<void> {
  for (const id of ids) {
    const path = id.startsWith("re_") ? `/v1/refunds/${id}` : `/v1/payments/${id}`;
    const answer = await client.send({ method: "GET", path });
    const status = answer?.body.status;
    // An authorization that was to be captured or canceled is still on its way.
    if (answer?.status === 200 && typeof status === "string") tally.see(id, status, status === "authorized");
  }
}
