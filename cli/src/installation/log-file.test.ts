import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LogFile } from "./log-file.ts";

const folder = mkdtempSync(join(tmpdir(), "kassa-log-"));
after(() => rmSync(folder, { recursive: true }));

test("a line is in the file as soon as it was written", () => {
  const log = new LogFile(join(folder, "at-once.log"));
  log.write("first\n");
  assert.equal(readFileSync(join(folder, "at-once.log"), "utf8"), "first\n");
  log.destroy();
});

test("however much is written, a log takes no more than two files of its size, and keeps the newest lines", () => {
  const path = join(folder, "bounded.log");
  const log = new LogFile(path, 1_000);
  for (let line = 0; line < 1_000; line++) log.write(`line ${line}\n`);
  log.destroy();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("bounded")),
    ["bounded.log", "bounded.log.1"],
  );
  assert.ok(statSync(path).size <= 1_000 && statSync(`${path}.1`).size <= 1_000);
  assert.match(readFileSync(path, "utf8"), /line 999\n$/);
});

test("a log goes on after what an earlier process has written", () => {
  const path = join(folder, "goes-on.log");
  for (const line of ["one\n", "two\n"]) {
    const log = new LogFile(path);
    log.write(line);
    log.destroy();
  }
  assert.equal(readFileSync(path, "utf8"), "one\ntwo\n");
});
