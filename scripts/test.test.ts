import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { identifyProcess } from "@kassa/platform/embedded-postgres";
import { runTestFile } from "./test-runner/run-test-file.ts";

const folder = mkdtempSync(join(tmpdir(), "kassa-runner-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = `import { before, describe, test } from "node:test";\n`;

function write(name: string, text: string): string {
  const file = join(folder, `${name}.test.ts`);
  writeFileSync(file, `${HEADER}${text}`);
  return file;
}

function runner(args: string[], env: NodeJS.ProcessEnv = {}): { status: number | null; lines: string[]; text: string } {
  const run = spawnSync(process.execPath, [join(import.meta.dirname, "test.ts"), ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, KASSA_TEST_REQUIRE: "", ...env },
  });
  return { status: run.status, lines: run.stdout.trimEnd().split("\n"), text: run.stdout + run.stderr };
}

const mixed = write(
  "mixed",
  `describe("suite", () => { test("good", () => {}); test("bad", () => { throw new Error("because"); }); });
   test("skipped", { skip: "no Redis" }, () => {});
   test("parent", async (t) => { await t.test("child", () => {}); });`,
);
const good = write("good", `test("good", () => {}); test("skipped", (t) => t.skip("no Kafka"));`);

test("the last line sums up all files, failures and skips are listed with their reasons, and the exit code tells", () => {
  const run = runner([mixed, good]);
  assert.equal(run.lines.at(-1), "4 passed, 1 failed, 2 skipped");
  assert.equal(run.status, 1);
  assert.match(run.text, /mixed\.test\.ts: suite > bad \(Error: because\)/);
  assert.match(run.text, /mixed\.test\.ts: skipped \(skipped: no Redis\)/);
  assert.match(run.text, /good\.test\.ts: skipped \(skipped: no Kafka\)/);
});

test("a skipped test is a failure only where everything is required", () => {
  assert.deepEqual([runner([good]).status, runner([good]).lines.at(-1)], [0, "1 passed, 0 failed, 1 skipped"]);
  const required = runner([good], { KASSA_TEST_REQUIRE: "all" });
  assert.deepEqual([required.status, required.lines.at(-1)], [1, "1 passed, 1 failed, 0 skipped"]);
});

test("a pattern runs only the tests it matches", () => {
  assert.equal(runner(["--grep", "^good", good, mixed]).lines.at(-1), "2 passed, 0 failed, 0 skipped");
});

const broken = {
  "ended with 1": `throw new Error("at load");`,
  "holds no test": "",
  "ended with 3": `test("good", () => {}); setTimeout(() => process.exit(3), 50); await new Promise((done) => setTimeout(done, 100));`,
  "activity after the test ended": `test("good", () => void setTimeout(() => { throw new Error("late"); }, 20)); test("slow", () => new Promise((done) => setTimeout(done, 100)));`,
  "hook broke": `describe("suite", () => { before(() => { throw new Error("hook broke"); }); test("never", () => {}); });`,
};

for (const [reason, text] of Object.entries(broken)) {
  test(`a file that is broken outside of its tests fails: ${reason}`, async () => {
    const options = { cwd: folder, env: runnerEnvironment(), timeoutMs: 20_000, grep: undefined };
    const { outcomes } = await runTestFile(write(reason.replaceAll(" ", "-"), text), options);
    assert.ok(
      outcomes.some((test) => test.outcome === "failed" && test.reason.includes(reason)),
      JSON.stringify(outcomes),
    );
  });
}

test("a file that hangs is ended together with the processes it started", async () => {
  const text = `import { spawn } from "node:child_process";
    test("good", () => { console.log("child", spawn("sleep", ["1000"], { stdio: "ignore" }).pid); });`;
  const options = { cwd: folder, env: runnerEnvironment(), timeoutMs: 2_000, grep: undefined };
  const { outcomes, output } = await runTestFile(write("hang", text), options);
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ["passed", "failed"],
  );
  assert.match(outcomes[1]?.reason ?? "", /did not end within 2000 ms/);
  const pid = Number(/child (\d+)/.exec(output)?.[1]);
  for (let look = 0; look < 100 && identifyProcess(pid) !== undefined; look++) await sleep(20);
  assert.equal(identifyProcess(pid), undefined);
});

/** A test inside a test would report to its parent instead of to its own reporter. */
function runnerEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_TEST_CONTEXT: undefined };
}
