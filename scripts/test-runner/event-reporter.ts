import type { TestEvent } from "node:test/reporters";

/** What one test did, as a line of JSON from the process that ran it to the process that counts. */
export type TestOutcome = {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped; empty when it passed. */
  readonly reason: string;
};

const TOO_LATE = /activity after the test ended/;

// node:test finds a reporter by its default export.
// biome-ignore lint/style/noDefaultExport: see above
export default async function* eventReporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = [];
  for await (const event of source) {
    if (event.type === "test:start") {
      path.length = event.data.nesting;
      path.push(event.data.name);
    }
    const outcome = readOutcome(event, path);
    if (outcome !== undefined) yield `${JSON.stringify(outcome)}\n`;
  }
}

/** Undefined for what is no test: a suite, and its failure when that only repeats the failure of a test inside. */
function readOutcome(event: TestEvent, path: readonly string[]): TestOutcome | undefined {
  // All that node:test says of an error that came too late for its test; the process then ends with 1.
  if (event.type === "test:diagnostic" && TOO_LATE.test(event.data.message))
    return { name: "(after a test had ended)", outcome: "failed", reason: event.data.message };
  if (event.type !== "test:pass" && event.type !== "test:fail") return undefined;
  const { data } = event;
  const name = [...path.slice(0, data.nesting), data.name].join(" > ");
  if (data.skip !== undefined && data.skip !== false)
    return { name, outcome: "skipped", reason: why(data.skip, "skipped") };
  if (data.todo !== undefined && data.todo !== false)
    return { name, outcome: "skipped", reason: why(data.todo, "to do") };
  const isSuite = data.details.type === "suite";
  if (event.type === "test:pass") return isSuite ? undefined : { name, outcome: "passed", reason: "" };
  const error = event.data.details.error as Error & { failureType?: string; cause?: unknown };
  if (isSuite && error.failureType === "subtestsFailed") return undefined;
  return { name, outcome: "failed", reason: explain(error.cause ?? error) };
}

function why(flag: string | boolean, fallback: string): string {
  return typeof flag === "string" && flag !== "" ? flag : fallback;
}

function explain(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
