import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { root } from "./dockerfile.ts";

type Step = { readonly run?: string; readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> };
type Workflow = {
  readonly jobs: Readonly<Record<string, { readonly "timeout-minutes"?: number; readonly steps: Step[] }>>;
};
type Kind = {
  readonly name: string;
  readonly nodes: { readonly extraPortMappings: { readonly hostPort: number }[] }[];
};

const scripts = Object.keys((readJson("package.json") as { scripts: object }).scripts);
const workflows = globSync(".github/workflows/*.yaml", { cwd: root }).map((path) => ({
  path,
  jobs: Object.entries((parse(readFileSync(join(root, path), "utf8")) as Workflow).jobs),
}));
const steps = workflows.flatMap(({ jobs }) => jobs.flatMap(([, job]) => job.steps));
const commands = steps.flatMap(({ run = "" }) => run.split("\n")).map((line) => line.trim());

test("every npm script that a workflow calls is there", () => {
  const called = commands.flatMap((line) => [...line.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, name]) => name));
  assert.notEqual(called.length, 0);
  for (const name of called) assert.ok(["ci", ...scripts].includes(name ?? ""), `npm run ${name}`);
});

test("every file that a workflow names is there", () => {
  const words = [
    ...commands.flatMap((line) => line.split(/\s+/)),
    ...steps.flatMap((step) => Object.values(step.with ?? {})),
  ];
  const paths = words.filter((word): word is string =>
    /^(scripts|deploy|charts|packages|services)\b|^[\w-]+\.yaml$/.test(`${word}`),
  );
  assert.ok(paths.includes("kind.yaml"));
  for (const path of paths) assert.ok(existsSync(join(root, path)), path);
});

test("every action has a version, and every job a bound", () => {
  for (const { uses } of steps) if (uses !== undefined) assert.match(uses, /^[\w-]+\/[\w-]+@v\d/);
  for (const { path, jobs } of workflows) {
    for (const [name, job] of jobs) assert.ok((job["timeout-minutes"] ?? 0) > 0, `${path}: ${name}`);
  }
});

test("the workflow's cluster is the one of kind.yaml, and it answers on a port of its own", () => {
  const kind = parse(readFileSync(join(root, "kind.yaml"), "utf8")) as Kind;
  const cluster = steps.find(({ uses }) => uses?.startsWith("helm/kind-action"));
  assert.equal(cluster?.with?.cluster_name, kind.name);
  const ports = kind.nodes.flatMap(({ extraPortMappings }) => extraPortMappings.map(({ hostPort }) => hostPort));
  assert.deepEqual(new Set(ports).size, ports.length);
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
