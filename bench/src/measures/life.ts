import { setTimeout as sleep } from "node:timers/promises";
import { BareLoop } from "../floors/bare-loop.ts";
import { CpuMeter } from "../installation/cpu-meter.ts";
import { type BenchDatabase, queryOnce, startDatabase } from "../installation/database.ts";
import { type Product, startProduct } from "../installation/product.ts";
import { LoadGenerator } from "../load/load-generator.ts";
import { type Aim, type Measure, measure, median, rounded } from "../measure.ts";
import type { BenchFigures, BenchOptions, LifeVariant } from "../options.ts";
import { tell } from "../progress.ts";
import { Backlog } from "./backlog.ts";
import { openBrokers } from "./brokers.ts";
import { payOnce } from "./payment-load.ts";
import { findRate, type LoadedProduct, offer, type Window } from "./sustained-rate.ts";

/** From a rate that held to the next one, and from one that did not. */
const STEP_UP = 1.12;
const STEP_DOWN = 0.9;
const BARE_LOOP =
  "bare loop: the same charges at the acquirer, then one grouped INSERT; no API, screening, events, bus";
const BARE_CPU = "bare loop, all processes";

const aims: Readonly<Record<LifeVariant, Aim>> = {
  together: "value >= 3000",
  apart: "value >= 3000",
  kafka: "value >= 2000",
};

/** The whole life of payments, in each shape of the product that was asked for. */
export async function measureLife(options: BenchOptions): Promise<Measure[]> {
  await using database = await startDatabase(options.dir);
  const measures: Measure[] = [];
  for (const variant of options.variants) measures.push(...(await measureVariant(database, variant, options)));
  return measures;
}

async function measureVariant(
  database: BenchDatabase,
  variant: LifeVariant,
  options: BenchOptions,
): Promise<Measure[]> {
  const { figures, profileDir, ratePerS } = options;
  await using brokers = await openBrokers(variant);
  if (brokers === undefined) return [];
  await using product = await startProduct({
    database,
    shape: variant,
    suffix: variant,
    profileDir,
    brokers: brokers.addresses,
  });
  await using generator = new LoadGenerator();
  await using backlog = await Backlog.open(product);
  await using loop = await BareLoop.start(database, product.acquirer);
  const loaded: LoadedProduct = { product, generator, backlog };
  await payOnce(product);
  await offer(loaded, 100, figures.warmUpS);
  const floors = [await runFloor(loop, product, database, figures.lifeFloorS)];
  const parts = [...product.programs, { name: "load generator", pid: generator.pid }, ...brokers.parts];
  const meter = new CpuMeter(parts, database.postgres.pid);
  const { window, cpu } =
    ratePerS > 0
      ? await metered(loaded, meter, ratePerS, figures.lifeWindowS)
      : await sustain(loaded, meter, await findRate(loaded, figures.lifeSearchS), figures);
  floors.push(await runFloor(loop, product, database, figures.lifeFloorS));
  await assertDone(product, backlog);
  return [throughput(variant, window, floors), ...cpuMeasures(variant, window, cpu, floors)];
}

type Metered = { readonly window: Window; readonly cpu: ReadonlyMap<string, number> };

async function metered(loaded: LoadedProduct, meter: CpuMeter, ratePerS: number, seconds: number): Promise<Metered> {
  meter.restart();
  const window = await offer(loaded, ratePerS, seconds);
  return { window, cpu: meter.used() };
}

/** The highest of some rates, up while the backlog holds and down until it does; when none holds, the last. */
async function sustain(
  loaded: LoadedProduct,
  meter: CpuMeter,
  firstRatePerS: number,
  { lifeWindowS, lifeWindows }: BenchFigures,
): Promise<Metered> {
  let best: Metered | undefined;
  let ratePerS = firstRatePerS;
  for (let tries = 1; ; tries += 1) {
    const tried = await metered(loaded, meter, ratePerS, lifeWindowS);
    const { isSustained, completedPerS } = tried.window;
    if (isSustained) best = tried;
    if (tries === lifeWindows || (best !== undefined && !isSustained)) return best ?? tried;
    ratePerS = isSustained ? ratePerS * STEP_UP : Math.min(ratePerS, completedPerS) * STEP_DOWN;
  }
}

type Floor = { readonly perS: number; readonly cpuSPer1000: number };

async function runFloor(loop: BareLoop, product: Product, database: BenchDatabase, seconds: number): Promise<Floor> {
  await sleep(200);
  const meter = new CpuMeter([...product.programs, { name: "bare loop", pid: loop.pid }], database.postgres.pid);
  const perS = await loop.run(seconds);
  const floor = { perS, cpuSPer1000: (sum(meter.used().values()) * 1000) / (perS * seconds) };
  tell(`bare loop: ${perS.toFixed(0)}/s, ${floor.cpuSPer1000.toFixed(3)} CPU s per 1,000`);
  return floor;
}

function throughput(variant: LifeVariant, window: Window, floors: readonly Floor[]): Measure {
  const floor = [BARE_LOOP, median(floors.map(({ perS }) => perS))] as const;
  return measure(`life.completed.${variant}`, [window.completedPerS, "payments/s"], floor, {
    aim: aims[variant],
    details: {
      offered_per_s: rounded(window.ratePerS),
      backlog: window.isSustained ? "steady" : "grows",
      left_at_stop: window.leftAtStop,
      drain_s: rounded(window.drainS),
      accept_p50_ms: rounded(window.load.latencyMs.p50),
      accept_p99_ms: rounded(window.load.latencyMs.p99),
    },
  });
}

function cpuMeasures(
  variant: LifeVariant,
  { sent }: Window,
  cpu: ReadonlyMap<string, number>,
  floors: readonly Floor[],
): Measure[] {
  const floor = [BARE_CPU, median(floors.map(({ cpuSPer1000 }) => cpuSPer1000))] as const;
  const all = [...cpu, ["total", sum(cpu.values())] as const].filter(([, seconds]) => seconds > 0);
  return all.map(([part, seconds]) => {
    const name = `life.cpu.${variant}.${part.replaceAll(" ", "_")}`;
    return measure(name, [(seconds * 1000) / sent, "CPU s/1,000 payments"], floor);
  });
}

const POSTED = "select count(*)::int as posted from ledger_transfers";

/** Every payment is completed, and every completed one is in the ledger once. */
async function assertDone({ databaseUrl }: Product, backlog: Backlog): Promise<void> {
  const { accepted, completed, other } = await backlog.totals();
  const posted = (await queryOnce<{ posted: number }>(databaseUrl, POSTED))[0]?.posted;
  if (completed !== accepted || posted !== completed)
    throw new Error(`${accepted} accepted, ${completed} completed, ${other} ended otherwise, ${posted} postings`);
  tell(`life: ${accepted} accepted, completed and posted`);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
