import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { startEmbeddedPostgres } from "@kassa/platform/embedded-postgres";
import { holdInAnotherProcess, killHard, openWorkbench, query } from "./workbench.ts";

const bench = openWorkbench();
const dataDir = bench.dataDir("refusals");
const data = join(dataDir, "data");
const isRoot = process.getuid?.() === 0;
const asRoot = { skip: isRoot ? false : "only root has to become somebody else" };

before(async () => {
  chmodSync(bench.folder, 0o755); // as on a laptop; the tests for root close it again
  await (await startEmbeddedPostgres({ dataDir })).stop();
});
after(() => bench.close());

test("the second process on a folder is refused with the id of the first", async () => {
  const holder = await holdInAnotherProcess({ dataDir });
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    code: "folder_in_use",
    message: new RegExp(`in use by process ${holder.child.pid}\\b.*KASSA_DATA=`),
  });
  await killHard(holder.child);
  await (await startEmbeddedPostgres({ dataDir })).stop();
});

test("a port that is taken is replaced by another, unless the caller asked for it", async () => {
  const port = Number(readFileSync(join(dataDir, "port"), "utf8"));
  const squatter = createServer().listen(port, "127.0.0.1");
  const server = await startEmbeddedPostgres({ dataDir });
  assert.notEqual(server.port, port);
  await server.stop();
  await assert.rejects(startEmbeddedPostgres({ dataDir, port }), {
    code: "port_busy",
    message: new RegExp(`Port ${port}.* is taken`),
  });
  squatter.close();
});

test("a postmaster.pid is stale when its process is gone or is no PostgreSQL", async () => {
  for (const pid of [process.pid, process.ppid, 4_194_303]) {
    writeFileSync(join(data, "postmaster.pid"), `${pid}\n${data}\n1\n5432\n\n127.0.0.1\n\nready   \n`);
    const server = await startEmbeddedPostgres({ dataDir });
    assert.equal(server.adopted, false);
    await server.stop();
  }
});

test("data of another major version, or no data at all, is left alone with a sentence", async () => {
  const version = join(data, "PG_VERSION");
  const original = readFileSync(version);
  writeFileSync(version, "17\n");
  await assert.rejects(startEmbeddedPostgres({ dataDir }), {
    code: "folder_version",
    message: /was written by PostgreSQL 17, and this Kassa runs PostgreSQL 18\. Dump it/,
  });
  writeFileSync(version, original);
  const other = bench.dataDir("other");
  mkdirSync(join(other, "data"), { recursive: true });
  await assert.rejects(startEmbeddedPostgres({ dataDir: other }), {
    code: "folder_version",
    message: /no PostgreSQL data/,
  });
});

test("a lost password file is named", async () => {
  const file = join(dataDir, "password");
  const password = readFileSync(file);
  writeFileSync(file, "");
  await assert.rejects(startEmbeddedPostgres({ dataDir }), { code: "folder_incomplete", message: /password/ });
  writeFileSync(file, password);
});

test("a folder that cannot be written is named, with what to do", async () => {
  const file = join(bench.folder, "file");
  writeFileSync(file, "");
  const closed = process.platform === "linux" ? "/sys/kassa" : join(file, "closed");
  for (const unwritable of [join(file, "below"), closed]) {
    await assert.rejects(startEmbeddedPostgres({ dataDir: unwritable }), {
      code: "folder_unwritable",
      message: /cannot be used \(.*\)\. Make it writable, or choose another with KASSA_DATA=/,
    });
  }
});

test("a full disk is called a full disk, and nothing half-made stays", async () => {
  const binDir = join(bench.folder, "full");
  mkdirSync(binDir);
  writeFileSync(join(binDir, "postgres"), `#!/bin/sh\necho "postgres (PostgreSQL) 18.4"\n`, { mode: 0o755 });
  writeFileSync(
    join(binDir, "initdb"),
    `#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "HINT:  Check free disk space." >&2\nexit 1\n`,
    {
      mode: 0o755,
    },
  );
  const full = bench.dataDir("full-data");
  await assert.rejects(startEmbeddedPostgres({ dataDir: full, binDir }), {
    code: "no_space",
    message: /no space left/,
  });
  await (await startEmbeddedPostgres({ dataDir: full })).stop();
});

test("missing binaries are reported with the way to get them", async () => {
  await assert.rejects(startEmbeddedPostgres({ dataDir: bench.dataDir("none"), binDir: join(bench.folder, "none") }), {
    code: "platform_unsupported",
    message: /npm ci/,
  });
});

test("as root it runs where no other user can go: data and binaries in a folder of root's alone", asRoot, async () => {
  const closed = mkdtempSync(join(bench.folder, "closed-"));
  const binDir = copyBinaries(closed);
  chmodSync(closed, 0o700);
  const inside = bench.dataDir(join(closed.slice(bench.folder.length + 1), "data"));
  const server = await startEmbeddedPostgres({ dataDir: inside, binDir });
  assert.deepEqual(await query(server.connectionString("postgres"), "select 1 as row"), [{ row: 1 }]);
  await server.stop();

  const poorer = ["setpriv", "--bounding-set=-dac_read_search"];
  const holder = await holdInAnotherProcess({ dataDir: inside, binDir }, poorer);
  await killHard(holder.child);
  const adopted = await startEmbeddedPostgres({ dataDir: inside, binDir });
  assert.equal(adopted.adopted, true, "with dac_override, as in a container");
  await adopted.stop();
});

test("as root without any capability to lend, the sentence says what to do", asRoot, async () => {
  const closed = mkdtempSync(join(bench.folder, "closed-"));
  const inside = bench.dataDir(join(closed.slice(bench.folder.length + 1), "data"));
  const program = `import("@kassa/platform/embedded-postgres").then((m) => m.startEmbeddedPostgres({ dataDir: ${JSON.stringify(inside)} })).catch((error) => console.log(error.code, error.message))`;
  const run = spawnSync(
    "setpriv",
    ["--bounding-set=-dac_read_search,-dac_override", process.execPath, "--input-type=module", "-e", program],
    { encoding: "utf8", cwd: import.meta.dirname },
  );
  assert.match(run.stdout, /^no_user PostgreSQL refuses to run as root.*KASSA_DATA=/);
});

function copyBinaries(folder: string): string {
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(folder, "native");
  cpSync(join(dirname(entry), "..", "native"), native, { recursive: true, verbatimSymlinks: true });
  return join(native, "bin");
}
