import type { TestOutcome } from "./event-reporter.ts";
import type { FileResult } from "./run-test-file.ts";

const MAX_OUTPUT_LINES = 60;
const MAX_REASON_LINES = 25;
/** Of a reason in the list at the end; all of it stands above. */
const MAX_REASON_CHARACTERS = 160;

type Entry = { readonly file: string; readonly test: TestOutcome };

/** Counts what ran and prints it: a line a file, details only of what did not pass. */
export class TestReport {
  readonly #print: (line: string) => void;
  /** True: a skipped test is a failure, as in CI, where everything must have run. */
  readonly #requireAll: boolean;
  readonly #failed: Entry[] = [];
  readonly #skipped: Entry[] = [];
  #passed = 0;

  constructor(print: (line: string) => void, requireAll: boolean) {
    this.#print = print;
    this.#requireAll = requireAll;
  }

  add(result: FileResult): void {
    const failed = this.#take(result, "failed", this.#failed);
    const skipped = this.#take(result, "skipped", this.#requireAll ? this.#failed : this.#skipped);
    const passed = result.outcomes.length - failed.length - skipped.length;
    this.#passed += passed;
    const counts = [`${passed} passed`, ...count(failed, "failed"), ...count(skipped, "skipped")].join(", ");
    this.#print(
      `${failed.length > 0 || (this.#requireAll && skipped.length > 0) ? "✖" : "✔"} ${result.file}: ${counts} (${Math.round(result.durationMs)} ms)`,
    );
    for (const test of failed) this.#print(indent(`✖ ${test.name}\n${firstLines(test.reason, MAX_REASON_LINES)}`));
    if (failed.length > 0 && result.output.trim() !== "") this.#print(indent(`printed:\n${lastLines(result.output)}`));
  }

  /** Lists failures and skips with their reasons, then the one line with the sums. True when all is well. */
  close(): boolean {
    list(this.#print, "Skipped", this.#skipped);
    list(this.#print, "Failed", this.#failed);
    this.#print("");
    this.#print(`${this.#passed} passed, ${this.#failed.length} failed, ${this.#skipped.length} skipped`);
    return this.#failed.length === 0;
  }

  #take(result: FileResult, outcome: TestOutcome["outcome"], into: Entry[]): TestOutcome[] {
    const tests = result.outcomes.filter((test) => test.outcome === outcome);
    into.push(...tests.map((test) => ({ file: result.file, test })));
    return tests;
  }
}

function list(print: (line: string) => void, title: string, entries: readonly Entry[]): void {
  if (entries.length === 0) return;
  print(`\n${title}:`);
  for (const { file, test } of entries) {
    const reason =
      test.outcome === "skipped"
        ? `skipped: ${test.reason}`
        : firstLines(test.reason, 1).slice(0, MAX_REASON_CHARACTERS);
    print(`  ${file}: ${test.name} (${reason})`);
  }
}

function count(tests: readonly TestOutcome[], word: string): string[] {
  return tests.length === 0 ? [] : [`${tests.length} ${word}`];
}

function firstLines(text: string, lines: number): string {
  return text.trim().split("\n").slice(0, lines).join("\n");
}

function lastLines(text: string): string {
  return text.trimEnd().split("\n").slice(-MAX_OUTPUT_LINES).join("\n");
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
