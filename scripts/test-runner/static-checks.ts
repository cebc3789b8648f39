import { runBounded } from "./run-bounded.ts";
import type { FileResult } from "./run-test-file.ts";

/** What reads the code without running it. Each counts as one test. */
const staticChecks = [
  { name: "typecheck (tsc)", program: "tsc", args: ["--noEmit"] },
  { name: "lint and format (biome)", program: "biome", args: ["check", "--diagnostic-level=warn", "."] },
  { name: "house rules (tidy)", program: "node", args: ["scripts/tidy.ts"] },
  { name: "nothing unused (knip)", program: "knip", args: ["--no-progress"] },
] as const;

const TIMEOUT_MS = 180_000;

/** One after the other: two of them use all cores on their own. */
export async function* runStaticChecks(cwd: string, env: NodeJS.ProcessEnv): AsyncGenerator<FileResult> {
  for (const { name, program, args } of staticChecks) {
    const run = await runBounded(program, args, { cwd, env, timeoutMs: TIMEOUT_MS });
    const passed = run.code === 0;
    const reason = passed ? "" : run.timedOut ? `did not end within ${TIMEOUT_MS} ms` : `ended with ${run.code}`;
    yield {
      file: name,
      outcomes: [{ name, outcome: passed ? "passed" : "failed", reason }],
      durationMs: run.durationMs,
      output: run.output,
    };
  }
}
