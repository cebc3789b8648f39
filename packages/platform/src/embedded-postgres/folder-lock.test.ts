import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockFolder, lockHolder } from "./folder-lock.ts";
import { identifyProcess } from "./process-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "kassa-lock-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a folder is locked once, and free again after release, with nothing left behind", () => {
  const file = join(folder, "once");
  const lock = lockFolder(folder, file);
  assert.equal(lockHolder(file)?.pid, process.pid);
  assert.throws(() => lockFolder(folder, file), {
    code: "folder_in_use",
    message: new RegExp(`process ${process.pid}\\b`),
  });
  lock.release();
  lockFolder(folder, file).release();
  assert.deepEqual(readdirSync(folder), []);
});

test("a lock is taken over when its process is gone, its id was reused, or the file is no lock", async () => {
  const file = join(folder, "stale");
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
  const identity = identifyProcess(child.pid ?? 0);
  assert.ok(identity);
  writeFileSync(file, JSON.stringify(identity));
  assert.throws(() => lockFolder(folder, file), { code: "folder_in_use" });

  writeFileSync(file, JSON.stringify({ ...identity, startedAt: "another boot" }));
  lockFolder(folder, file).release();

  child.kill("SIGKILL");
  await new Promise((done) => child.once("exit", done));
  writeFileSync(file, JSON.stringify(identity));
  lockFolder(folder, file).release();

  writeFileSync(file, "{");
  lockFolder(folder, file).release();
});
