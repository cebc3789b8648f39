import { availableParallelism, cpus, loadavg } from "node:os";
import { runBench } from "./bench.ts";
import { type Measure, markdownTable, table } from "./measure.ts";
import { readOptions } from "./options.ts";
import { tell } from "./progress.ts";

/** More than this many programs a core wanted to run before the start: figures will be low. */
const CALM_LOAD = 0.2;

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => process.exit(code)); // what is left behind goes on `exit`, children when their parent has gone
}

const options = readOptions(process.argv.slice(2));
const cores = availableParallelism();
const [load = 0] = loadavg();
tell(`${cores} cores (${cpus()[0]?.model}), node ${process.version}, load average ${load.toFixed(2)}`);
if (load / cores > CALM_LOAD)
  tell("THE MACHINE IS NOT CALM: other programs take part of it, so compare ratios, not figures");
const measures = await runBench(options);
const formats: Readonly<Record<typeof options.format, (measures: readonly Measure[]) => string>> = {
  table,
  json: (found) => JSON.stringify({ measures: found }),
  markdown: markdownTable,
};
process.stdout.write(`${formats[options.format](measures)}\n`);
