import { setTimeout as sleep } from "node:timers/promises";
import { startDatabase } from "../installation/database.ts";
import { residentMiB, residentMiBOfFamily } from "../installation/process-figures.ts";
import { startProduct } from "../installation/product.ts";
import { LoadGenerator } from "../load/load-generator.ts";
import { type Measure, measure, median, rounded } from "../measure.ts";
import type { BenchOptions } from "../options.ts";
import { tell } from "../progress.ts";
import { Backlog } from "./backlog.ts";
import { payOnce } from "./payment-load.ts";
import { findRate, offer } from "./sustained-rate.ts";

/** Heaps and caches fill first: this share of the time does not count. */
const SETTLING_SHARE = 0.2;
const SAMPLES = 200;
const LEAST_STEP_MS = 500;
const LOAD_SHARE = 0.7;

type Sample = { readonly atMs: number; readonly residentMiB: ReadonlyMap<string, number> };

/** The memory of each process under steady load, its roles apart: the end beside the beginning. */
export async function measureMemory(options: BenchOptions): Promise<Measure[]> {
  const { figures, soakMinutes, ratePerS: givenPerS } = options;
  await using database = await startDatabase(options.dir);
  await using product = await startProduct({ database, shape: "apart", suffix: "soak" });
  await using generator = new LoadGenerator();
  await using backlog = await Backlog.open(product);
  const loaded = { product, generator, backlog };
  await payOnce(product);
  const ratePerS = givenPerS > 0 ? givenPerS : LOAD_SHARE * (await findRate(loaded, figures.lifeSearchS));
  const read = () =>
    new Map([
      ...product.programs.map(({ name, pid }) => [name, residentMiB(pid)] as const),
      ["postgres", residentMiBOfFamily(database.postgres.pid)] as const,
    ]);
  const samples: Sample[] = [];
  const seconds = soakMinutes * 60;
  tell(`memory: ${ratePerS.toFixed(0)} payments/s for ${soakMinutes} minutes`);
  const window = offer(loaded, ratePerS, seconds);
  window.catch(() => undefined);
  const stepMs = Math.max(LEAST_STEP_MS, (seconds * 1000) / SAMPLES);
  const endAtMs = performance.now() + seconds * 1000;
  while (performance.now() + stepMs < endAtMs) {
    await sleep(stepMs);
    samples.push({ atMs: performance.now(), residentMiB: read() });
  }
  const { completedPerS, isSustained } = await window;
  const load = { completed_per_s: rounded(completedPerS), backlog: isSustained ? "steady" : "grows" };
  return memoryMeasures(samples.slice(Math.floor(samples.length * SETTLING_SHARE)), load);
}

function memoryMeasures(samples: readonly Sample[], load: Readonly<Record<string, number | string>>): Measure[] {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const names = [...(samples[0]?.residentMiB.keys() ?? [])];
  return names.map((name) => {
    const of = (part: readonly Sample[]) => part.map(({ residentMiB }) => residentMiB.get(name) ?? 0);
    const [first, last] = [median(of(samples.slice(0, third))), median(of(samples.slice(-third)))];
    const points = samples.map(({ atMs, residentMiB }) => [atMs / 60_000, residentMiB.get(name) ?? 0] as const);
    const details = { slope_mib_per_min: rounded(slope(points)), ...load };
    return measure(`life.memory.${name}`, [last, "MiB"], ["the first third of the time, settled", first], {
      aim: "ratio <= 1.1",
      details,
    });
  });
}

/** Of the straight line that lies closest (least squares). */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
