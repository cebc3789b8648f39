import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = mkdtempSync(join(tmpdir(), "kassa-bin-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** Makes the running Node look like another version before the program is read. */
const AS_NODE_18 = `data:text/javascript,Object.defineProperty(process,"version",{value:"v18.19.0"})`;

/** The layout of the repository with a command that only tells how it was called. */
function layOut(name: string): { bin: string; modules: string } {
  const folder = join(root, name);
  const bin = join(folder, "cli", "bin", "kassa.js");
  const modules = join(folder, "node_modules");
  for (const part of ["cli/bin", "cli/src", "node_modules"]) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
  copyFileSync(fileURLToPath(new URL("kassa.js", import.meta.url)), bin);
  writeFileSync(
    join(folder, "cli", "src", "kassa.ts"),
    `const version: string = process.version;\nconsole.log(version, process.argv.slice(2).join(" "));\n`,
  );
  return { bin, modules };
}

test("on Node 24 the command runs, and its compiled code is kept for the next start", () => {
  const { bin, modules } = layOut("current");
  const run = spawnSync(process.execPath, [bin, "prove", "--json"], { encoding: "utf8" });
  assert.equal(run.stdout, `${process.version} prove --json\n`);
  assert.ok(existsSync(join(modules, ".cache", "kassa")));
});

test("an older Node hands over to the Node 24 of node_modules with the same arguments, and passes its exit code on", () => {
  const { bin, modules } = layOut("older");
  const node = join(modules, `node-${process.platform}-${process.arch}`, "bin", "node");
  mkdirSync(join(node, ".."), { recursive: true });
  writeFileSync(node, `#!/bin/sh\n"${process.execPath}" "$@"\nexit 7\n`);
  chmodSync(node, 0o755);
  const run = spawnSync(process.execPath, ["--import", AS_NODE_18, bin, "prove"], { encoding: "utf8" });
  assert.equal(run.stdout, `${process.version} prove\n`);
  assert.equal(run.status, 7);
});

test("an older Node without a Node 24 beside the code gets one sentence that says what to do", () => {
  const { bin } = layOut("alone");
  const run = spawnSync(process.execPath, ["--import", AS_NODE_18, bin, "prove"], { encoding: "utf8" });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /^Kassa needs Node 24, this is v18\.19\.0\. Run npm ci .*\n$/);
});
