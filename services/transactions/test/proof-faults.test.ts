import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { CheckName, Fault } from "../src/proof/proof.ts";
import { proveBooks } from "../src/proof/prove-books.ts";
import { Books, tellStory } from "./books.ts";
import { op, pay } from "./proof-corruptions/corruption.ts";
import { corruptionsOfEvents } from "./proof-corruptions/of-events.ts";
import { corruptionsOfTheLedger } from "./proof-corruptions/of-the-ledger.ts";
import { corruptionsOfTheSurroundings } from "./proof-corruptions/of-the-surroundings.ts";

const corruptions = [...corruptionsOfEvents, ...corruptionsOfTheLedger, ...corruptionsOfTheSurroundings];

for (const corruption of corruptions) {
  test(`${corruption.title}: named, and nothing else`, async (context) => {
    const books = await Books.open();
    context.after(() => books.close());
    const story = await tellStory(books);
    const target = corruption.target(story);
    if (corruption.unchecked !== undefined) await dropChecks(books, corruption.unchecked);
    if (corruption.sql !== undefined) await corrupt(books, corruption.sql, target);
    corruption.report?.(books, story);
    const proof = await prove(books);
    assert.equal(proof.ok, false);
    const found = proof.checks.flatMap(({ name, faults }) => faults.map((fault) => ({ name, ...fault })));
    assertNamed(found, corruption.faults(target, story));
  });
}

test("a lost outbox row names the payments that may be meant", async (context) => {
  const books = await Books.open();
  context.after(() => books.close());
  const story = await tellStory(books);
  await corrupt(books, "delete from outbox where stream_id = $1", story.fresh.id);
  const outbox = (await prove(books)).checks.find(({ name }) => name === "outbox");
  assert.match(outbox?.faults[0]?.found ?? "", new RegExp(`1 lost; perhaps of ${pay(story.fresh.id)}$`));
});

test("an operation that stays open without anything to wake it is a fault once it is no longer young", async (context) => {
  const books = await Books.open();
  context.after(() => books.close());
  const payment = await books.start(await books.create());
  await books.publish();
  assert.equal((await prove(books)).ok, true);
  books.clock.advance(16 * 60_000);
  const outbox = (await prove(books)).checks.find(({ name }) => name === "outbox");
  assert.deepEqual(
    outbox?.faults.map(({ what, id }) => [what, id]),
    [["nothing_wakes_it", op(payment.operations[0]?.id ?? "")]],
  );
});

test("many faults are counted, and the first hundred listed", async (context) => {
  const books = await Books.open();
  context.after(() => books.close());
  for (let at = 0; at < 105; at += 1) await books.create();
  await corrupt(books, "delete from events where version = 1 and $1 <> ''", "all");
  const projections = (await prove(books)).checks.find(({ name }) => name === "projections");
  assert.equal(projections?.faults_total, 105);
  assert.equal(projections?.faults.length, 100);
});

test("every kind of fault is in docs/proof.md, and docs/proof.md names no other", () => {
  const folder = new URL("../src/proof/", import.meta.url);
  const sources = readdirSync(new URL("checks/", folder))
    .map((name) => `checks/${name}`)
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join();
  const kinds = [
    ...sources.matchAll(/'([a-z_]+)' as what|add\(\s*"([a-z_]+)"|what: "([a-z_]+)"|then '([a-z]+_[a-z_]+)'/g),
  ];
  const raised = new Set(kinds.flatMap(([, ...groups]) => groups.filter((group) => group !== undefined)));
  raised.add("sealed_twice"); // the last choice of its statement
  const docs = readFileSync(new URL("../../../docs/proof.md", import.meta.url), "utf8");
  const documented = new Set([...docs.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name));
  assert.deepEqual([...documented].sort(), [...raised].sort());
});

async function dropChecks(books: Books, table: string): Promise<void> {
  const { rows } = await books.pool.query<{ name: string }>(
    "select conname as name from pg_constraint where conrelid = $1::regclass and contype = 'c'",
    [table],
  );
  for (const { name } of rows) await books.pool.query(`alter table ${table} drop constraint ${name}`);
}

// Whoever corrupts a database does not ask its triggers.
async function corrupt(books: Books, sql: string, target: string): Promise<void> {
  const client = await books.pool.connect();
  try {
    await client.query("set session_replication_role = replica");
    const { rowCount } = await client.query(sql, [target]);
    assert.ok((rowCount ?? 0) > 0, "nothing was corrupted");
  } finally {
    client.release(true);
  }
}

function prove(books: Books) {
  const acquirer = { listSettlement: () => books.lines };
  return proveBooks({ connectionString: books.database.connectionString, acquirer, now: () => books.clock.now() });
}

function assertNamed(
  found: readonly (Fault & { name: CheckName })[],
  expected: readonly (readonly [CheckName, string, string | RegExp])[],
): void {
  const text = JSON.stringify(found, null, 1);
  assert.deepEqual(
    found.map(({ name, what }) => `${name} ${what}`).sort(),
    expected.map(([name, what]) => `${name} ${what}`).sort(),
    text,
  );
  for (const [name, what, id] of expected) {
    const named = found.some(
      (fault) =>
        fault.name === name && fault.what === what && (typeof id === "string" ? fault.id === id : id.test(fault.id)),
    );
    assert.ok(named, `${name} ${what} ${id} is not in ${text}`);
  }
}
