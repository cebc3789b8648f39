import type { Measure } from "./measure.ts";
import { measureAccept } from "./measures/accept.ts";
import { measureLedger } from "./measures/ledger.ts";
import { measureLife } from "./measures/life.ts";
import type { BenchOptions } from "./options.ts";

/** All that was asked for, one after the other. @throws Error when anything was not as it must be */
export async function runBench(options: BenchOptions): Promise<Measure[]> {
  const measures: Measure[] = [];
  if (options.groups.has("accept")) measures.push(...(await measureAccept(options)));
  if (options.groups.has("life")) measures.push(...(await measureLife(options)));
  if (options.groups.has("ledger")) measures.push(...(await measureLedger(options)));
  return measures;
}
