import type { Measure } from "./measure.ts";
import { measureAccept } from "./measures/accept.ts";
import { measureGrowth } from "./measures/growth.ts";
import { measureLedger } from "./measures/ledger.ts";
import { measureLife } from "./measures/life.ts";
import { measureMemory } from "./measures/memory.ts";
import type { BenchOptions } from "./options.ts";

/** All that was asked for, one after the other. @throws Error when anything was not as it must be */
export async function runBench(options: BenchOptions): Promise<Measure[]> {
  const { groups, grow, soakMinutes } = options;
  const chosen = [
    ...(groups.has("accept") ? [measureAccept] : []),
    ...(groups.has("accept") && grow > 0 ? [measureGrowth] : []),
    ...(groups.has("life") ? [measureLife] : []),
    ...(groups.has("life") && soakMinutes > 0 ? [measureMemory] : []),
    ...(groups.has("ledger") ? [measureLedger] : []),
  ];
  const measures: Measure[] = [];
  for (const run of chosen) measures.push(...(await run(options)));
  return measures;
}
