import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { tableKinds } from "../src/adapters/postgres/table-kinds.ts";
import { requestCancel, requestCapture, requestRefund } from "../src/domain/decide.ts";
import { isOpen, type Payment } from "../src/domain/payment.ts";
import { proveBooks } from "../src/proof/prove-books.ts";
import { renderReplay } from "../src/proof/render-replay.ts";
import { ProductRunning, replayProjections } from "../src/proof/replay-projections.ts";
import { type ReplayedTable, replayedTables } from "../src/proof/replay-sql.ts";
import { Books, tellStory } from "./books.ts";

async function open(context: TestContext): Promise<Books> {
  const books = await Books.open();
  context.after(() => books.close());
  return books;
}

function replay(books: Books, apply = false) {
  return replayProjections({ connectionString: books.database.connectionString, apply });
}

test("every table of the database is declared, and every projection is replayed", async (context) => {
  const books = await open(context);
  // Partitions are declared with their table.
  const { rows } = await books.pool.query<{ name: string }>(`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`);
  assert.deepEqual(
    rows.map(({ name }) => name),
    Object.keys(tableKinds).sort(),
  );
  const projections = Object.entries(tableKinds).flatMap(([name, kind]) => (kind === "projection" ? [name] : []));
  assert.deepEqual([...replayedTables].sort(), projections.sort());
});

test("every kind of payment is rebuilt byte for byte, and nothing is left behind", async (context) => {
  const books = await open(context);
  await tellStory(books);
  const result = await replay(books);
  assert.deepEqual(
    result.tables.filter(({ identical }) => !identical),
    [],
  );
  assert.equal(result.identical, true);
  for (const { live_rows, rebuilt_rows, live_digest, rebuilt_digest } of result.tables) {
    assert.ok(rebuilt_rows > 0);
    assert.equal(rebuilt_rows, live_rows);
    assert.equal(rebuilt_digest, live_digest);
  }
  const { rows } = await books.pool.query("select 1 from pg_namespace where nspname = 'kassa_replay'");
  assert.equal(rows.length, 0);
});

test("an empty database is replayed as well", async (context) => {
  const result = await replay(await open(context));
  assert.equal(result.identical, true);
  assert.equal(result.events, 0);
});

const spoils: Record<ReplayedTable, string> = {
  payments: "update payments set metadata = '{\"a\":\"b\"}' where status = 'failed'",
  refunds: "update refunds set created_at = created_at + interval '1 ms' where status = 'pending'",
  operations: "delete from operations where kind = 'void'",
  ledger_balances:
    "update ledger_balances set credits = credits + 1, debits = debits + 1 where currency = 'KWD' and floor = 0",
  ledger_holds: "update ledger_holds set amount = amount - 1",
};

for (const table of replayedTables) {
  test(`a spoilt row of ${table} differs by name, and replay --apply puts it right`, async (context) => {
    const books = await open(context);
    await tellStory(books);
    const { rowCount } = await books.pool.query(spoils[table]);
    assert.equal(rowCount, 1);
    const different = await replay(books);
    assert.equal(different.identical, false);
    assert.deepEqual(
      different.tables.flatMap(({ table: name, differences }) => differences.map(() => name)),
      [table],
    );
    assert.match(renderReplay(different), new RegExp(`^DIFFERENT +${table} `, "m"));
    await books.close();
    const applied = await replay(books, true);
    assert.equal(applied.applied, true);
    assert.equal((await replay(books)).identical, true);
    const proof = await proveBooks({ connectionString: books.database.connectionString, now: () => books.clock.now() });
    assert.equal(proof.ok, true, JSON.stringify(proof.checks));
  });
}

test("nothing is replaced while the product is connected, or from events that add up to nothing", async (context) => {
  const books = await open(context);
  await tellStory(books);
  await books.pool.query("delete from events where version = 2 and type = 'payment.processing'");
  const client = await books.pool.connect();
  await client.query("set application_name = 'kassa-transactions'");
  await assert.rejects(replay(books, true), ProductRunning);
  client.release(true);
  await books.close();
  const result = await replay(books, true);
  assert.equal(result.applied, false);
  assert.equal(result.identical, false);
  assert.match(result.broken[0]?.id ?? "", /^pay_/);
});

/** What may happen next to some payment: its choice among those that fit, and an amount. */
const move = fc.record({
  kind: fc.constantFrom("create", "start", "settle", "fail", "lose", "capture", "cancel", "refund", "publish", "seal"),
  choice: fc.nat(1_000),
  amount: fc.integer({ min: 1, max: 5_000 }),
  manual: fc.boolean(),
  currency: fc.constantFrom("EUR", "JPY", "KWD"),
});
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

test("after any sequence of commands replay is identical and the books are right", async (context) => {
  const property = fc.asyncProperty(fc.array(move, { minLength: 20, maxLength: 60 }), async (moves) => {
    const books = await Books.open();
    try {
      const payments: Payment[] = [];
      for (const each of moves) await make(books, payments, each);
      assert.equal((await replay(books)).identical, true);
      const acquirer = { listSettlement: () => books.lines };
      const proof = await proveBooks({ pool: books.pool, acquirer, now: () => books.clock.now() });
      assert.deepEqual(
        proof.checks.filter(({ ok }) => !ok),
        [],
      );
    } finally {
      await books.close();
      await books.database.drop();
    }
  });
  await fc.assert(property, { numRuns: 12, seed: 20261121 });
  context.diagnostic("12 sequences, seed 20261121");
});

async function make(
  books: Books,
  payments: Payment[],
  { kind, choice, amount, manual, currency }: Move,
): Promise<void> {
  if (kind === "publish") return books.publish();
  if (kind === "seal") return books.seal();
  if (kind === "create") {
    payments.push(await books.create({ amount, currency, capture: manual ? "manual" : "automatic" }));
    return;
  }
  const able = payments.filter((payment) => can[kind](payment));
  const payment = able[choice % Math.max(1, able.length)];
  if (payment === undefined) return;
  const steps: Record<typeof kind, () => Promise<Payment>> = {
    start: () => books.start(payment),
    settle: () => books.succeed(payment),
    fail: () => books.settle(payment, { result: "failed", code: "card_declined", decline_code: "lost_card" }),
    lose: () => books.settle(payment, { result: "unknown", reason: "timeout" }),
    capture: () => books.capture(payment, BigInt(Math.min(amount, Number(payment.amountMinor)))),
    cancel: () => books.cancel(payment),
    refund: () => books.refund(payment),
  };
  payments[payments.indexOf(payment)] = await steps[kind]();
}

const NO_ID = "00000000-0000-7000-8000-000000000000" as Payment["id"];

const can: Record<Exclude<Move["kind"], "create" | "publish" | "seal">, (payment: Payment) => boolean> = {
  start: ({ status }) => status === "new",
  settle: ({ operations }) => operations.some(isOpen),
  fail: ({ operations }) => operations.some(isOpen),
  lose: ({ operations }) => operations.find(isOpen)?.outcome === "pending",
  capture: (payment) => requestCapture(payment, 1n, NO_ID).ok,
  cancel: (payment) => requestCancel(payment, "requested", NO_ID).ok,
  refund: (payment) => requestRefund(payment, undefined, NO_ID, NO_ID).ok,
};
