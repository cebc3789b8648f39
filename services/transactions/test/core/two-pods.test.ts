import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PaymentEvent } from "@kassa/contracts/payment-events";
import { systemClock } from "@kassa/kernel/clock";
import type { Uuid } from "@kassa/kernel/id";
import type { Pool } from "@kassa/platform/postgres";
import type { TestDatabase } from "@kassa/testing/postgres";
import { PostgresPaymentStore } from "../../src/adapters/postgres/payment-store.ts";
import { recordedEvent } from "../../src/adapters/postgres/read-events.ts";
import { fold } from "../../src/domain/apply.ts";
import { append, type Change } from "../../src/domain/change.ts";
import type { Payment } from "../../src/domain/payment.ts";
import type { CommitOutcome, Item } from "../../src/ports.ts";
import {
  claimOf,
  completed,
  createDatabase,
  created,
  itemOf,
  NOW_MS,
  newId,
  noted,
  openPool,
  processed,
  refundAsked,
} from "./fixture.ts";

const LONG = process.env.KASSA_TEST_LONG === "1";
const DURATION_MS = LONG ? 60_000 : 5_000;
const STREAMS = 20;
const WORKERS_A_POD = 16;

let database: TestDatabase;

before(async () => {
  database = await createDatabase();
});

after(() => database.drop());

/** What somebody does next to the payment: everything that locks something is among it. */
function nextChange(payment: Payment, random: number): Change {
  if (payment.status === "new") return processed(payment);
  if (payment.status === "processing") return completed(payment);
  const pending = payment.refunds.find(({ status }) => status === "pending");
  if (pending === undefined) return random < 0.7 ? refundAsked(payment, 1) : noted(payment);
  const ids = { refund_id: pending.id, operation_id: pending.operationId };
  const event: PaymentEvent =
    random < 0.5
      ? { type: "refund.succeeded", data: { ...ids, provider_reference: "re_1" } }
      : { type: "refund.failed", data: { ...ids, code: "refund_failed" } };
  return append(payment, [event], NOW_MS);
}

function nextItem(payment: Payment, random: number): Item {
  const { merchantId, id: paymentId } = payment;
  const dueAtMs = random < 0.5 ? NOW_MS : undefined;
  const timers: Item["timers"] = [{ merchantId, paymentId, kind: "resolve", dueAtMs, attempt: 1 }];
  // As after a look that brought nothing new: no stream is locked, only the timer moves.
  if (random < 0.1) return { changes: [], timers, traceparent: undefined };
  return {
    ...itemOf(nextChange(payment, random)),
    claim: claimOf(merchantId, `key-${Math.floor(random * 1e6)}`),
    received: { consumer: "two-pods", messageId: `message-${Math.floor(random * 1e6)}` },
    timers,
  };
}

type Tally = { readonly outcomes: Map<string, number>; readonly appended: Map<Uuid, number> };

/** One pod: a pool and a store of its own, and workers that append to random streams until the time is over. */
async function runPod(streams: readonly { merchantId: Uuid; id: Uuid }[], tally: Tally): Promise<void> {
  const pool = openPool(database);
  const store = new PostgresPaymentStore({ pool, clock: systemClock, maxBatch: 256, maxQueue: 1_000, concurrency: 2 });
  const endsAt = performance.now() + DURATION_MS;
  const work = async () => {
    while (performance.now() < endsAt) {
      const random = Math.random();
      const { merchantId, id } = streams[Math.floor(Math.random() * streams.length)] as (typeof streams)[number];
      const payment = await store.load(merchantId, id);
      assert.ok(payment);
      const item = nextItem(payment, random);
      note(tally, item, await store.commit(item));
    }
  };
  await Promise.all(Array.from({ length: WORKERS_A_POD }, work));
  await store.drain();
  await pool.end();
}

function note({ outcomes, appended }: Tally, { changes }: Item, { kind }: CommitOutcome): void {
  outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
  if (kind !== "committed") return;
  for (const { after: state, events } of changes) appended.set(state.id, (appended.get(state.id) ?? 0) + events.length);
}

async function deadlocks(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query("select deadlocks from pg_stat_database where datname = current_database()");
  return rows[0].deadlocks;
}

const BALANCES_BESIDE_JOURNAL = `
  select b.account_id, b.debits, b.credits, b.held,
    coalesce((select sum(amount) from ledger_entries e where e.account_id = b.account_id and side = 'DEBIT'), 0)::bigint
      as journal_debits,
    coalesce((select sum(amount) from ledger_entries e where e.account_id = b.account_id and side = 'CREDIT'), 0)::bigint
      as journal_credits,
    coalesce((select sum(amount) from ledger_holds h where h.account_id = b.account_id), 0)::bigint as open_holds
  from ledger_balances b`;

async function assertBalances(pool: Pool): Promise<void> {
  const { rows } = await pool.query(BALANCES_BESIDE_JOURNAL);
  assert.ok(rows.length >= 2);
  for (const row of rows) {
    assert.deepEqual(
      [row.debits, row.credits, row.held],
      [row.journal_debits, row.journal_credits, row.open_holds],
      `account ${row.account_id}`,
    );
  }
}

async function assertStream(pool: Pool, id: Uuid, appended: number): Promise<void> {
  const { rows } = await pool.query("select * from events where stream_id = $1 order by version", [id]);
  assert.deepEqual(
    rows.map(({ version }) => version),
    Array.from({ length: appended }, (_, n) => n + 1),
    "versions are gapless and as many as were acknowledged",
  );
  const state = fold(rows.map(recordedEvent));
  const projected = await pool.query("select version, status, amount_refunded from payments where id = $1", [id]);
  assert.deepEqual(projected.rows, [
    { version: state?.version, status: state?.status, amount_refunded: state?.refundedMinor },
  ]);
}

test(`two pods that append to the same streams and accounts for ${DURATION_MS / 1_000} s deadlock never and lose nothing`, async (t) => {
  const pool = openPool(database);
  const merchants = [newId(), newId()];
  const tally: Tally = { outcomes: new Map(), appended: new Map() };
  const store = new PostgresPaymentStore({ pool, clock: systemClock, maxBatch: 256, maxQueue: 1_000, concurrency: 1 });
  const streams = [];
  for (let n = 0; n < STREAMS; n += 1) {
    const item = itemOf(created(merchants[n % merchants.length] as Uuid));
    note(tally, item, await store.commit(item));
    streams.push(...item.changes.map((change) => change.after));
  }
  const before = await deadlocks(pool);
  await Promise.all([runPod(streams, tally), runPod(streams, tally)]);
  // A backend reports what it counted when it ends, a moment after its client.
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(await deadlocks(pool), before, "no deadlock");
  t.diagnostic(JSON.stringify(Object.fromEntries(tally.outcomes)));
  for (const kind of ["committed", "conflict"]) assert.ok((tally.outcomes.get(kind) ?? 0) > 100, `hardly any ${kind}`);
  for (const { id } of streams) await assertStream(pool, id, tally.appended.get(id) ?? 0);
  await assertBalances(pool);
  await pool.end();
});
