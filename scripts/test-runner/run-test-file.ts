import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestOutcome } from "./event-reporter.ts";
import { type BoundedRun, runBounded } from "./run-bounded.ts";

export type FileResult = {
  readonly file: string;
  readonly outcomes: readonly TestOutcome[];
  readonly durationMs: number;
  /** The end of what the file printed: worth reading when something failed. */
  readonly output: string;
};

export type TestFileOptions = {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Only tests whose name matches; a file without one is no failure then. */
  readonly grep: string | undefined;
};

const reporter = fileURLToPath(new URL("event-reporter.ts", import.meta.url));

/** Runs the tests of one file in a process of its own. What goes wrong outside of any test counts as one failed test. */
export async function runTestFile(file: string, options: TestFileOptions): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), "kassa-test-run-"));
  const events = join(folder, "events");
  const args = [
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${events}`,
    ...(options.grep === undefined ? [] : [`--test-name-pattern=${options.grep}`]),
    file,
  ];
  try {
    const run = await runBounded(process.execPath, args, options);
    const outcomes = readOutcomes(events);
    const fault = faultOf(run, outcomes, options);
    return {
      file,
      outcomes:
        fault === undefined ? outcomes : [...outcomes, { name: "(the file itself)", outcome: "failed", reason: fault }],
      durationMs: run.durationMs,
      output: run.output,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function faultOf(run: BoundedRun, outcomes: readonly TestOutcome[], options: TestFileOptions): string | undefined {
  if (run.timedOut)
    return `did not end within ${options.timeoutMs} ms: a test hangs, or something it opened was not closed`;
  const failed = outcomes.some(({ outcome }) => outcome === "failed");
  if (run.code !== 0 && !failed) return `ended with ${run.code ?? "a signal"}`;
  if (outcomes.length === 0 && options.grep === undefined) return "holds no test";
  return undefined;
}

/** A process that was killed may have left half a line. */
function readOutcomes(events: string): TestOutcome[] {
  const text = readFileSync(events, { encoding: "utf8", flag: "a+" });
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TestOutcome);
}
