import { existsSync, globSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";

/** Files of one group run side by side, the groups one after the other. First match wins. */
const testGroups = [
  { name: "charts", pattern: /^tests\/charts\//, concurrency: 2, timeoutMs: 300_000 },
  { name: "end to end", pattern: /^tests\//, concurrency: 1, timeoutMs: 900_000 },
  { name: "unit and integration", pattern: /./, concurrency: 2, timeoutMs: 300_000 },
] as const;

export type TestGroup = (typeof testGroups)[number];

const ROOTS = ["packages", "services", "cli", "scripts", "bench", "cdk8s", "chaos", "loadtests", "tests"];

/** Need Helm or a cluster: `npm run test:charts` and `npm run test:cluster` name them. */
const ON_REQUEST = /^tests\/(charts|cluster)\//;

/** The test files of the repository, or those at and below the given paths; sorted. An unknown path throws. */
export function findTestFiles(root: string, paths: readonly string[]): string[] {
  const all = globSync(`{${ROOTS.join(",")}}/**/*.test.ts`, { cwd: root, exclude: ["**/node_modules/**"] }).sort();
  if (paths.length === 0) return all.filter((file) => !ON_REQUEST.test(file));
  const chosen = new Set<string>();
  for (const path of paths) {
    const wanted = isAbsolute(path) ? relative(root, path) : path.replace(/\/+$/, "");
    const matches = all.filter((file) => file === wanted || file.startsWith(`${wanted}/`));
    if (matches.length === 0 && path.endsWith(".test.ts") && existsSync(join(root, wanted))) matches.push(wanted);
    if (matches.length === 0) throw new Error(`no test file at ${path}`);
    for (const match of matches) chosen.add(match);
  }
  return [...chosen];
}

/** The files in the order of running: the quick and small ones first, whole products last. */
export function groupTestFiles(files: readonly string[]): { group: TestGroup; files: string[] }[] {
  return testGroups.map((group) => ({ group, files: files.filter((file) => groupOf(file) === group) })).toReversed();
}

function groupOf(file: string): TestGroup | undefined {
  return testGroups.find(({ pattern }) => pattern.test(file));
}
