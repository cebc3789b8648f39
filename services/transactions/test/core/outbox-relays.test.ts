import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { createLogger } from "@kassa/platform/log";
import type { Pool } from "@kassa/platform/postgres";
import type { TestDatabase } from "@kassa/testing/postgres";
import { OutboxRelay } from "../../src/adapters/postgres/outbox-relay.ts";
import type { Payment } from "../../src/domain/payment.ts";
import { createDatabase, openPool } from "./fixture.ts";
import { appendTo, assertProgress, assertPublished, BusUnderTest, store } from "./outbox-fixture.ts";

const PATIENCE_MS = 30_000;
const STREAMS = 6;
const CUTS = 3;

let bus: BusUnderTest;
let database: TestDatabase;
let pool: Pool;

before(async () => {
  [bus, database] = await Promise.all([BusUnderTest.open(), createDatabase()]);
  pool = openPool(database);
});

after(async () => {
  await pool.end();
  await bus.close();
  await database.drop();
});

/** A relay as a pod has it: with a bus, hence a publisher, of its own. */
async function startRelay(t: TestContext): Promise<OutboxRelay> {
  const relay = new OutboxRelay({
    connectionString: database.connectionString,
    bus: await bus.openOther(),
    log: createLogger({ service: "relay-test", level: "silent" }),
    maxBatch: 4,
    pollMs: 2,
  });
  relay.start();
  t.after(() => relay.finish());
  return relay;
}

const LEADER = `
  select l.pid from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and a.application_name = 'kassa-relay' and a.datname = current_database()`;

async function leaders(): Promise<number[]> {
  return (await pool.query(LEADER)).rows.map(({ pid }) => pid);
}

async function until<T>(look: () => Promise<T | undefined | false>, what: string): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > giveUpAt) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Cuts the leader off in the middle of its work and waits until somebody leads again. */
async function cutOff(): Promise<void> {
  const [leader] = await until(async () => {
    const found = await leaders();
    return found.length > 0 && found;
  }, "a leader");
  assert.ok(leader);
  await pool.query("select pg_terminate_backend($1)", [leader]);
  await until(async () => (await leaders()).some((pid) => pid !== leader), "another leader");
}

async function isPublished(): Promise<boolean> {
  const { rows } = await pool.query("select count(*)::int as waiting from outbox");
  return rows[0].waiting === 0;
}

test("two relays at once, the leading one cut off again and again: nothing lost, nothing out of order", async (t) => {
  const relays = [await startRelay(t), await startRelay(t)];
  const cut = { done: false };
  const writing = Array.from({ length: STREAMS }, async (): Promise<Payment> => {
    let payment = await store(pool);
    while (!cut.done) payment = await appendTo(pool, payment);
    return payment;
  });
  t.after(() => {
    cut.done = true;
  });
  for (let n = 0; n < CUTS; n += 1) {
    await cutOff();
    assert.equal((await leaders()).length, 1, "one relay leads");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  cut.done = true;
  const payments = await Promise.all(writing);
  await until(isPublished, "an empty outbox");
  await Promise.all(relays.map((relay) => relay.finish()));
  assertPublished(await bus.published(), payments);
  await assertProgress(pool);
});

test("a relay that stops hands over: what is written afterwards is published by the other one", async (t) => {
  const [first, second] = [await startRelay(t), await startRelay(t)];
  let payment = await store(pool);
  await until(isPublished, "the first publication");
  await first.finish();
  payment = await appendTo(pool, payment);
  await until(isPublished, "the second publication");
  await second.finish();
  assertPublished(await bus.published(), [payment]);
  assert.deepEqual(await leaders(), []);
});

test("a relay that was fenced publishes nothing more, and its rows stay for the newer one", async (t) => {
  const stale = await bus.bus.publisher("transactions.outbox");
  const relay = await startRelay(t);
  await until(async () => (await leaders()).length === 1, "a leader");
  const payment = await store(pool);
  await until(isPublished, "the publication");
  await assert.rejects(
    stale.publish("payments.events", [{ key: payment.id, value: "{}", headers: {} }]),
    /has taken over/,
  );
  await relay.finish();
  assertPublished(await bus.published(), [payment]);
});
