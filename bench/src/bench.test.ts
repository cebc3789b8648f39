import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Measure } from "./measure.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const TIMEOUT_MS = 300_000;
const HAS_PGBENCH = [...(process.env.PATH ?? "").split(":"), "/usr/lib/postgresql/15/bin"].some((folder) =>
  existsSync(join(folder, "pgbench")),
);

test("a run prints one JSON object, every figure in it beside its floor, and leaves nothing behind", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "kassa-bench-test-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const only = HAS_PGBENCH ? "accept,life,ledger" : "accept,life";
  const args = [MAIN, "--json", "--miniature", "--only", only, "--variant", "together", "--dir", dir];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS });
  const { measures } = JSON.parse(stdout) as { measures: Measure[] };
  for (const { name, value, unit, floor, ratio } of measures) {
    assert.match(name, /^(accept|life|ledger)\./);
    assert.ok(value > 0 && floor.value > 0 && ratio > 0, name);
    assert.ok(unit.length > 0 && floor.name.length > 0, name);
  }
  const names = new Set(measures.map(({ name }) => name));
  for (const name of [
    "accept.throughput",
    "accept.latency_p99",
    "life.completed.together",
    "life.cpu.together.total",
  ]) {
    assert.ok(names.has(name), name);
  }
  assert.equal(names.has("ledger.transfers.hot.vs_uniform"), HAS_PGBENCH);
  assert.equal(names.size, measures.length);
  assert.deepEqual(readdirSync(dir), []);
});

test("an unknown option or measure is refused before anything starts", async () => {
  await assert.rejects(promisify(execFile)(process.execPath, [MAIN, "--only", "everything"]), /--only takes accept/);
});
