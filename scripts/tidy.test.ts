import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { checkImports } from "./tidy/import-table.ts";
import { checkSizes, lowerRatchet } from "./tidy/sizes.ts";
import { type Finding, sourceFile } from "./tidy/source-file.ts";
import { checkMigrationNumbers, checkSqlCase } from "./tidy/sql.ts";
import { checkWords } from "./tidy/words.ts";

const payments = "services/transactions/src";

/** Put together here, so that this file does not hold what it forbids. */
const machinePath = ["", "work", "main"].join("/");
const toDo = ["TO", "DO"].join("");

function sentences(findings: readonly Finding[]): string[] {
  return findings.map(({ sentence }) => sentence);
}

const forbidden = [
  ["packages/kernel/src/money.ts", "@kassa/contracts/problem", "kernel must not import contracts"],
  ["packages/kernel/src/money.ts", "node:crypto", "the kernel imports nothing"],
  ["packages/contracts/src/route.ts", "@kassa/platform/http", "contracts must not import platform"],
  ["packages/platform/src/http/index.ts", "@kassa/testing/postgres", "platform must not import testing"],
  ["packages/platform/src/log/index.ts", "express", "platform/http"],
  ["packages/platform/src/bus/postgres/bus.ts", "kafkajs", "another client"],
  [`${payments}/domain/payment.ts`, "@kassa/platform/postgres", "domain must not import platform"],
  [`${payments}/domain/payment.ts`, "../commands/create.ts", "domain must not import commands"],
  [`${payments}/domain/payment.ts`, "node:fs", "the domain is pure"],
  [`${payments}/commands/create.ts`, "../adapters/postgres/store.ts", "commands must not import adapters"],
  [`${payments}/commands/create.ts`, "@kassa/platform/postgres", "commands must not import platform"],
  [`${payments}/commands/create.ts`, "pg", "SQL lives in adapters"],
  [`${payments}/adapters/postgres/store.ts`, "../../commands/create.ts", "adapters must not import commands"],
  [`${payments}/http/create.ts`, "../adapters/postgres/store.ts", "http must not import adapters"],
  [`${payments}/service.ts`, "@kassa/fraud/service", "imports the service fraud"],
  [`${payments}/service.ts`, "../../fraud/src/service.ts", "imports the service fraud"],
  ["services/transactions/test/a.test.ts", "@kassa/fraud/service", "imports the service fraud"],
  ["packages/platform/test/a.test.ts", "@kassa/fraud/service", "imports the service fraud"],
  ["cli/src/start.ts", "@kassa/testing/postgres", "cli must not import testing"],
] as const;

for (const [path, specifier, expected] of forbidden) {
  test(`${path} may not import ${specifier}`, () => {
    for (const code of [
      `import { a } from "${specifier}";`,
      `export * from "${specifier}";`,
      `await import("${specifier}");`,
    ]) {
      const [sentence, ...more] = sentences(checkImports(sourceFile(path, code)));
      assert.ok(sentence?.includes(expected), `${code} -> ${sentence}`);
      assert.deepEqual(more, []);
    }
  });
}

const allowed = [
  [`${payments}/domain/payment.ts`, "@kassa/contracts/events"],
  [`${payments}/commands/create.ts`, "../ports.ts"],
  [`${payments}/adapters/postgres/store.ts`, "pg"],
  [`${payments}/http/create.ts`, "../commands/create.ts"],
  [`${payments}/service.ts`, "./adapters/postgres/store.ts"],
  [`${payments}/commands/create.test.ts`, "@kassa/testing/postgres"],
  ["services/transactions/test/a.test.ts", "../src/adapters/postgres/store.ts"],
  ["cli/src/start.ts", "@kassa/fraud/service"],
  ["packages/platform/src/http/server.ts", "express"],
  ["packages/platform/src/bus/kafka/bus.ts", "kafkajs"],
  ["tests/e2e/life.test.ts", "@kassa/testing/postgres"],
] as const;

for (const [path, specifier] of allowed) {
  test(`${path} may import ${specifier}`, () => {
    assert.deepEqual(sentences(checkImports(sourceFile(path, `import "${specifier}";`))), []);
  });
}

const wordy = [
  ["packages/platform/src/string-utils.ts", "", "says nothing"],
  ["docs/helpers.md", "", "says nothing"],
  ["cli/src/start.ts", "class ConnectionManager {}", "says nothing"],
  ["cli/src/start.ts", "interface IPayment {}", "no I before"],
  ["cli/src/start.ts", `// ${toDo}: later`, "do it"],
  ["services/x/migrations/0001_a.sql", `-- ${toDo} later`, "do it"],
  ["cli/src/start.ts", "export default 1;", "default export"],
  ["cli/src/start.ts", "const a = 1; export { a as default };", "default export"],
  ["packages/platform/src/log/index.ts", "console.log(1);", "console.log"],
  ["README.md", `cd ${machinePath}`, "one machine"],
] as const;

for (const [path, text, expected] of wordy) {
  test(`refused in ${path}: ${text || "the name"}`, () => {
    const found = sentences(checkWords(sourceFile(path, text)));
    assert.equal(found.length, 1);
    assert.ok(found[0]?.includes(expected), found[0]);
  });
}

test("words are free where they mean something", () => {
  const text = "// a manager of a shop helps\nconst IBAN = 1; type Instant = 2; class Ion {} console.log(IBAN);";
  assert.deepEqual(checkWords(sourceFile("cli/src/start.ts", text)), []);
});

test("SQL in upper case is found in files and in strings, a method of HTTP is not SQL", () => {
  const upper = ["select 1;\nINSERT into a", "create TABLE a ()"];
  for (const text of upper) assert.equal(checkSqlCase(sourceFile("a/migrations/0001_a.sql", text)).length, 1);
  const lower = `-- NOT NULL is a keyword\nselect 'NOT NULL', "FROM" from a;`;
  assert.deepEqual(checkSqlCase(sourceFile("a/migrations/0001_a.sql", lower)), []);
  const code =
    "const a = `SELECT 1`; const c = 'DELETE FROM a'; const d = 'BEGIN'; const e = 'DELETE'; const f = 'select 1';";
  assert.equal(checkSqlCase(sourceFile("cli/src/a.ts", code)).length, 3);
});

test("migrations are numbered without a gap or a double", () => {
  const files = (...names: string[]) => names.map((name) => sourceFile(`services/a/migrations/${name}`, ""));
  assert.deepEqual(checkMigrationNumbers(files("0001_a.sql", "0002_b.sql")), []);
  assert.equal(checkMigrationNumbers(files("0001_a.sql", "0003_b.sql")).length, 1);
  assert.equal(checkMigrationNumbers(files("0001_a.sql", "0001_b.sql")).length, 1);
  assert.equal(checkMigrationNumbers(files("1_a.sql")).length, 1);
});

test("what is too long is refused, what was too long may only shrink, and a suite is no function", () => {
  const body = (lines: number) => "\n".repeat(lines - 1);
  const long = sourceFile("cli/src/a.ts", `export const f = () => {${body(71)}};`);
  const longFile = sourceFile("cli/src/b.ts", `a;${body(301)}b;`);
  const suite = sourceFile("cli/src/a.test.ts", `describe("a", () => { test("b", () => {});${body(90)} });`);
  assert.deepEqual(
    checkSizes([long, longFile, suite], {}).map(({ sentence }) => sentence.split(",")[0]),
    ["cli/src/a.ts#f has 71 lines", "cli/src/b.ts has 301 lines"],
  );
  const tight = { "cli/src/a.ts#f": 71, "cli/src/b.ts": 301 };
  assert.deepEqual(checkSizes([long, longFile], tight), []);
  assert.equal(checkSizes([long, longFile], { ...tight, "cli/src/a.ts#f": 70 }).length, 1);
  const loose = { "cli/src/a.ts#f": 80, "cli/src/b.ts": 301, "cli/src/gone.ts": 400 };
  assert.equal(checkSizes([long, longFile], loose).length, 2);
  assert.deepEqual(lowerRatchet([long, longFile], loose), tight);
  assert.deepEqual(lowerRatchet([long], {}), {}, "nothing new gets in");
});

test("the program prints where and why, exits 1, and lowers its ratchet when told to", () => {
  const root = mkdtempSync(join(tmpdir(), "kassa-tidy-"));
  try {
    for (const folder of ["scripts", "cli/src"]) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, "scripts", "tidy-ratchet.json"), `{"cli/src/gone.ts": 400}`);
    writeFileSync(join(root, "cli", "src", "a.ts"), `\nimport "@kassa/testing/postgres";\n`);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(dirname(import.meta.filename), "tidy.ts"), "--root", root, ...args], {
        encoding: "utf8",
      });
    const first = run();
    assert.equal(first.status, 1);
    assert.match(first.stdout, /^cli\/src\/a\.ts:2: cli must not import testing/m);
    assert.match(first.stdout, /gone\.ts has shrunk/);
    writeFileSync(join(root, "cli", "src", "a.ts"), "");
    const second = run("--update");
    assert.equal(second.status, 0, second.stdout);
    assert.deepEqual(JSON.parse(readFileSync(join(root, "scripts", "tidy-ratchet.json"), "utf8")), {});
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
