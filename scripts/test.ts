/**
 * `npm test`: the static checks, then every test file of the repository, and one line with the sums at the end.
 *
 *     node scripts/test.ts [--only-tests] [--grep <pattern>] [path ...]
 *
 * With paths or a pattern only those tests run, without the static checks. KASSA_TEST_REQUIRE=all makes a skipped test a failure.
 */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { POSTGRES_URL_VARIABLE, startTestCluster } from "@kassa/testing/test-cluster";
import { killRunningGroups } from "./test-runner/run-bounded.ts";
import { runTestFile } from "./test-runner/run-test-file.ts";
import { runStaticChecks } from "./test-runner/static-checks.ts";
import { findTestFiles, groupTestFiles } from "./test-runner/test-files.ts";
import { TestReport } from "./test-runner/test-report.ts";

const root = dirname(import.meta.dirname);
const { values: options, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: { "only-tests": { type: "boolean", default: false }, grep: { type: "string" } },
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => process.exit(code));
}
process.once("exit", killRunningGroups);

const report = new TestReport((line) => console.log(line), process.env.KASSA_TEST_REQUIRE === "all");
const env = await testEnvironment();
const whole = paths.length === 0 && options.grep === undefined && !options["only-tests"];
if (whole) for await (const result of runStaticChecks(root, env)) report.add(result);
await runTests();
process.exit(report.close() ? 0 : 1);

async function runTests(): Promise<void> {
  for (const { group, files } of groupTestFiles(findTestFiles(root, paths))) {
    const queue = [...files];
    const settings = { cwd: root, env, timeoutMs: group.timeoutMs, grep: options.grep };
    const work = async () => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        report.add(await runTestFile(file, settings));
      }
    };
    await Promise.all(Array.from({ length: group.concurrency }, work));
  }
}

/** One database server for the whole run, so that a test file pays only for a clone of its template. */
async function testEnvironment(): Promise<NodeJS.ProcessEnv> {
  const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(":");
  const given = process.env[POSTGRES_URL_VARIABLE];
  const url = given === undefined || given === "" ? (await startTestCluster()).adminUrl : given;
  return { ...process.env, PATH: path, [POSTGRES_URL_VARIABLE]: url };
}
