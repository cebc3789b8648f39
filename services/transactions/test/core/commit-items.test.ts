import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "@kassa/kernel/clock";
import { ItemFailed, type Pool } from "@kassa/platform/postgres";
import type { TestDatabase } from "@kassa/testing/postgres";
import { PostgresPaymentStore } from "../../src/adapters/postgres/payment-store.ts";
import type { Item } from "../../src/ports.ts";
import {
  claimOf,
  commitTogether,
  countRows,
  createDatabase,
  created,
  itemOf,
  kindsOf,
  newId,
  noted,
  openPool,
  processed,
  refundAsked,
  storedPayment,
} from "./fixture.ts";

let database: TestDatabase;
let pool: Pool;

before(async () => {
  database = await createDatabase();
  pool = openPool(database);
});

after(async () => {
  await pool.end();
  await database.drop();
});

function openStore(): PostgresPaymentStore {
  return new PostgresPaymentStore({ pool, clock: systemClock, maxBatch: 500, maxQueue: 10_000, concurrency: 2 });
}

async function findKey(merchantId: string, key: string): Promise<number> {
  const { rows } = await pool.query("select 1 from idempotency_keys where merchant_id = $1 and key = $2", [
    merchantId,
    key,
  ]);
  return rows.length;
}

test("an item on a version that has passed is a conflict and leaves nothing behind, its claims included", async () => {
  const merchantId = newId();
  const payment = await storedPayment(pool, merchantId);
  const late = {
    ...itemOf(noted(payment)),
    claim: claimOf(merchantId, "late"),
    received: { consumer: "test", messageId: newId() },
  };
  const outcomes = await commitTogether(pool, [itemOf(noted(payment))]);
  assert.deepEqual(kindsOf(outcomes), ["committed"]);
  assert.deepEqual(kindsOf(await commitTogether(pool, [late, itemOf(created(merchantId))])), ["conflict", "committed"]);
  assert.equal(await countRows(pool, "events", payment.id), 5);
  assert.equal(await findKey(merchantId, "late"), 0);
  const { rows } = await pool.query("select 1 from inbox where message_id = $1", [late.received.messageId]);
  assert.equal(rows.length, 0);
});

test("one idempotency key several times in one batch: the first is written, the others get its answer", async () => {
  const merchantId = newId();
  const items = ["a", "a", "b"].map((body) => ({
    ...itemOf(created(merchantId)),
    claim: claimOf(merchantId, "twice", body),
  }));
  const outcomes = await commitTogether(pool, items);
  assert.deepEqual(kindsOf(outcomes), ["committed", "duplicate", "duplicate"]);
  for (const outcome of outcomes.slice(1)) {
    assert.ok(outcome.kind === "duplicate");
    assert.deepEqual([outcome.fingerprint.toString(), outcome.status], ["a", 202]);
    assert.deepEqual(JSON.parse(outcome.answer), { answer: "a" });
  }
  const stored = await Promise.all(
    items.map((item) => countRows(pool, "payments", item.changes[0]?.after.id ?? newId())),
  );
  assert.deepEqual(stored, [1, 0, 0]);
});

test("the same key of two merchants, or of two routes, is two keys", async () => {
  const [one, other] = [newId(), newId()];
  const items = [
    { ...itemOf(created(one)), claim: claimOf(one, "mine") },
    { ...itemOf(created(other)), claim: claimOf(other, "mine") },
    { ...itemOf(created(one)), claim: { ...claimOf(one, "mine"), route: "createPaymentBatch" } },
  ];
  assert.deepEqual(kindsOf(await commitTogether(pool, items)), ["committed", "committed", "committed"]);
});

test("a key claimed by a transaction still running: the second waits for its commit, then gets its answer", async () => {
  const merchantId = newId();
  const claim = claimOf(merchantId, "running", "first");
  const client = await pool.connect();
  await client.query("begin");
  await client.query(
    `insert into idempotency_keys (merchant_id, route, key, claim, fingerprint, status, answer, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, now())`,
    [merchantId, claim.route, claim.key, newId(), claim.fingerprint, claim.status, claim.answer],
  );
  const second = commitTogether(pool, [{ ...itemOf(created(merchantId)), claim: claimOf(merchantId, "running", "x") }]);
  const early = await Promise.race([second, new Promise((resolve) => setTimeout(() => resolve("waits"), 200))]);
  assert.equal(early, "waits");
  await client.query("commit");
  client.release();
  const [outcome] = await second;
  assert.ok(outcome?.kind === "duplicate");
  assert.equal(outcome.fingerprint.toString(), "first");
});

test("a key claimed by a transaction that is rolled back is free: the one that waited is written", async () => {
  const merchantId = newId();
  const claim = claimOf(merchantId, "rolled-back");
  const client = await pool.connect();
  await client.query("begin");
  await client.query(
    `insert into idempotency_keys (merchant_id, route, key, claim, fingerprint, status, answer, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, now())`,
    [merchantId, claim.route, claim.key, newId(), claim.fingerprint, claim.status, claim.answer],
  );
  const second = commitTogether(pool, [{ ...itemOf(created(merchantId)), claim }]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await client.query("rollback");
  client.release();
  assert.deepEqual(kindsOf(await second), ["committed"]);
});

test("when the winner of a key is refused, the loser of the same batch comes again and is written", async () => {
  const merchantId = newId();
  const payment = await storedPayment(pool, merchantId);
  const refused = { ...itemOf(refundAsked(payment, 2_000)), claim: claimOf(merchantId, "shared") };
  const loser = { ...itemOf(created(merchantId)), claim: claimOf(merchantId, "shared") };
  assert.deepEqual(kindsOf(await commitTogether(pool, [refused, loser])), ["refused", "again"]);
  assert.equal(await findKey(merchantId, "shared"), 0);

  const store = openStore();
  // An item with postings waits for its accounts' numbers: once they are known, both reach the same batch.
  const other = await store.commit({ ...refused, claim: claimOf(merchantId, "other") });
  assert.equal(other.kind, "refused");
  const outcomes = await Promise.all([store.commit(refused), store.commit(loser)]);
  assert.deepEqual(kindsOf(outcomes), ["refused", "committed"]);
  assert.equal(await findKey(merchantId, "shared"), 1);
});

test("when the winner of a key is refused, a loser that must be refused as well is refused itself", async () => {
  const merchantId = newId();
  const [one, other] = [await storedPayment(pool, merchantId), await storedPayment(pool, merchantId)];
  const items = [one, other].map((payment) => ({
    ...itemOf(refundAsked(payment, 5_000)),
    claim: claimOf(merchantId, "both-refused"),
  }));
  const store = openStore();
  const outcomes = await Promise.all(items.map((item) => store.commit(item)));
  assert.deepEqual(outcomes, Array(2).fill({ kind: "refused", reason: "insufficient_funds" }));
  assert.equal(await findKey(merchantId, "both-refused"), 0);
});

test("a message handled before is received: its effect is not written twice, in one batch or in two", async () => {
  const merchantId = newId();
  const received = { consumer: "test", messageId: newId() };
  const items = [0, 1].map(() => ({ ...itemOf(created(merchantId)), received }));
  assert.deepEqual(kindsOf(await commitTogether(pool, items)), ["committed", "received"]);
  const later = { ...itemOf(created(merchantId)), received };
  const elsewhere = { ...itemOf(created(merchantId)), received: { ...received, consumer: "other" } };
  assert.deepEqual(kindsOf(await commitTogether(pool, [later, elsewhere])), ["received", "committed"]);
});

test("a unique reference is given once, within a batch and across; who comes too late is told and keeps its key", async () => {
  const merchantId = newId();
  const withReference = (reference: string, merchant = merchantId): Item => {
    const change = created(merchant, { reference });
    const uniqueReferences = [{ merchantId: merchant, reference, paymentId: change.after.id }];
    return { ...itemOf(change), uniqueReferences };
  };
  const late = { ...withReference("order-1"), claim: claimOf(merchantId, "order") };
  const outcomes = await commitTogether(pool, [withReference("order-1"), late, withReference("order-2")]);
  assert.deepEqual(outcomes, [{ kind: "committed" }, { kind: "taken", reference: "order-1" }, { kind: "committed" }]);
  assert.equal(await findKey(merchantId, "order"), 0);
  assert.deepEqual(kindsOf(await commitTogether(pool, [late, withReference("order-1", newId())])), [
    "taken",
    "committed",
  ]);
});

test("a refused posting removes only its own item and frees its key", async () => {
  const merchantId = newId();
  const [poor, rich] = [await storedPayment(pool, merchantId), await storedPayment(pool, newId())];
  const items = [
    { ...itemOf(refundAsked(poor, 1_001)), claim: claimOf(merchantId, "too-much") },
    itemOf(refundAsked(rich, 1_000)),
    itemOf(created(merchantId)),
  ];
  const outcomes = await commitTogether(pool, items);
  assert.deepEqual(outcomes, [
    { kind: "refused", reason: "insufficient_funds" },
    { kind: "committed" },
    { kind: "committed" },
  ]);
  assert.equal(await findKey(merchantId, "too-much"), 0);
  assert.equal(await countRows(pool, "events", poor.id), 4);
  assert.equal(await countRows(pool, "outbox", rich.id), 4);
  const retry = { ...itemOf(refundAsked(poor, 1_000)), claim: claimOf(merchantId, "too-much") };
  assert.deepEqual(kindsOf(await commitTogether(pool, [retry])), ["committed"]);
});

test("of 200 items one that PostgreSQL cannot store fails alone; the 199 others are there, whole", async () => {
  const merchantId = newId();
  const store = openStore();
  const changes = Array.from({ length: 200 }, (_, n) =>
    created(merchantId, { metadata: { note: n === 71 ? "a\u0000b" : "ab" } }),
  );
  const settled = await Promise.allSettled(changes.map((change) => store.commit(itemOf(change))));
  const failed = settled.flatMap((result, n) => (result.status === "rejected" ? [[n, result.reason] as const] : []));
  assert.deepEqual(
    failed.map(([n]) => n),
    [71],
  );
  assert.ok(failed[0]?.[1] instanceof ItemFailed);
  const { rows } = await pool.query(
    `select count(p.id)::int as payments, count(e.stream_id)::int as events, count(o.stream_id)::int as outbox
     from payments p left join events e on e.stream_id = p.id left join outbox o on o.stream_id = p.id
     where p.merchant_id = $1`,
    [merchantId],
  );
  assert.deepEqual(rows, [{ payments: 199, events: 199, outbox: 199 }]);
});

test("two appends to one stream in one moment: one is written, the other is a conflict, never an error", async () => {
  const merchantId = newId();
  const store = openStore();
  const first = created(merchantId);
  await store.commit(itemOf(first));
  const rivals = [processed(first.after), processed(first.after), noted(first.after)];
  const outcomes = await Promise.all(rivals.map((change) => store.commit(itemOf(change))));
  assert.deepEqual(kindsOf(outcomes).sort(), ["committed", "conflict", "conflict"]);
  assert.equal((await store.load(merchantId, first.after.id))?.version, 2);
});
