import { runBench } from "./bench.ts";
import { table } from "./measure.ts";
import { readOptions } from "./options.ts";

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => process.exit(code)); // what is left behind goes on `exit`, children when their parent has gone
}

const options = readOptions(process.argv.slice(2));
const measures = await runBench(options);
process.stdout.write(options.json ? `${JSON.stringify({ measures })}\n` : `${table(measures)}\n`);
