import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import type { Publisher } from "@kassa/platform/bus";
import type { Pool } from "@kassa/platform/postgres";
import type { TestDatabase } from "@kassa/testing/postgres";
import type pg from "pg";
import { relayBatch } from "../../src/adapters/postgres/outbox-relay.ts";
import type { Payment } from "../../src/domain/payment.ts";
import { copyDatabase } from "./copy-database.ts";
import { createDatabase, openPool } from "./fixture.ts";
import {
  appendTo,
  assertProgress,
  assertPublished,
  BusUnderTest,
  connect,
  rowsOf,
  store,
  storeLate,
} from "./outbox-fixture.ts";

let bus: BusUnderTest;
let publisher: Publisher;

before(async () => {
  bus = await BusUnderTest.open();
  publisher = await bus.bus.publisher("transactions.outbox");
});

after(() => bus.close());

/** A database, and a relay's direct connection to it. */
class Outbox {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly client: pg.Client;

  private constructor(database: TestDatabase, pool: Pool, client: pg.Client) {
    this.database = database;
    this.pool = pool;
    this.client = client;
  }

  /** Closed when the test ends, also when it fails. */
  static async open(t: TestContext, database?: TestDatabase): Promise<Outbox> {
    const opened = database ?? (await createDatabase());
    const outbox = new Outbox(opened, openPool(opened), await connect(opened));
    t.after(() => outbox.#close());
    return outbox;
  }

  async #close(): Promise<void> {
    await this.client.end().catch(() => undefined);
    await this.pool.end();
    await this.database.drop();
  }
}

/** Publishes what there is; resolves when nothing is left. */
type Relay = () => Promise<void>;

async function drain({ client }: Outbox, maxBatch = 3): Promise<void> {
  while ((await relayBatch(client, publisher, maxBatch)) > 0);
}

/** The relay that must not be: it remembers how far it came. */
function naiveRelay({ pool }: Outbox): { relay: Relay; published: Map<string, number[]> } {
  const published = new Map<string, number[]>();
  let cursor = 0n;
  const relay = async () => {
    const { rows } = await pool.query(
      "select position, stream_id, from_version, to_version from outbox where position > $1 order by position",
      [cursor],
    );
    for (const { position, stream_id, from_version, to_version } of rows) {
      cursor = position;
      const versions = published.get(stream_id) ?? [];
      for (let version = from_version; version <= to_version; version += 1) versions.push(version);
      published.set(stream_id, versions);
    }
  };
  return { relay, published };
}

/** A transaction takes its place in the outbox, others overtake it and are published, then it commits. */
async function overtake({ database, pool }: Outbox, relay: Relay): Promise<Payment[]> {
  const late = await storeLate(database);
  const quick = [await store(pool), await store(pool)];
  await relay();
  const again = await Promise.all(quick.map((payment) => appendTo(pool, payment)));
  await relay();
  await late.commit();
  const followed = await appendTo(pool, late.payment);
  await relay();
  return [...again, followed];
}

test("a transaction held open across later commits is published when it commits, its stream in order", async (t) => {
  const outbox = await Outbox.open(t);
  const payments = await overtake(outbox, () => drain(outbox));
  assertPublished(await bus.published(), payments);
  await assertProgress(outbox.pool);
});

test("the same story makes a relay that remembers its position lose the late one: the test above can fail", async (t) => {
  const outbox = await Outbox.open(t);
  const { relay, published } = naiveRelay(outbox);
  const payments = await overtake(outbox, relay);
  assert.throws(() => assertPublished(published, payments), /2 after 0/);
});

test("random transactions held open while the relay runs: every stream is published whole and in order", async (t) => {
  const outbox = await Outbox.open(t);
  let writing = true;
  const relaying = (async () => {
    while (writing) await drain(outbox, 5);
    await drain(outbox);
  })();
  const payments = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const late = await storeLate(outbox.database);
      await new Promise((resolve) => setTimeout(resolve, n * 20));
      await late.commit();
      let { payment } = late;
      for (let version = 2; version <= 10; version += 1) payment = await appendTo(outbox.pool, payment);
      return payment;
    }),
  );
  writing = false;
  await relaying;
  assertPublished(await bus.published(), payments);
  await assertProgress(outbox.pool);
  assert.deepEqual(await rowsOf(outbox.database.connectionString, "select * from outbox"), []);
});

test("a relay that dies between publishing and deleting publishes the same again, in order", async (t) => {
  const outbox = await Outbox.open(t);
  let payment = await store(outbox.pool);
  for (let version = 2; version <= 5; version += 1) payment = await appendTo(outbox.pool, payment);
  const { rows } = await outbox.client.query("select pg_backend_pid() as pid");
  const dying: Publisher = {
    publish: publisher.publish.bind(publisher),
    close: () => publisher.close(),
    async publishAll(messages) {
      await publisher.publishAll(messages);
      await outbox.pool.query("select pg_terminate_backend($1)", [rows[0].pid]);
    },
  };
  await assert.rejects(relayBatch(outbox.client, dying, 3));
  const successor = await connect(outbox.database);
  while ((await relayBatch(successor, publisher, 3)) > 0);
  await successor.end();
  assert.deepEqual((await bus.published()).get(payment.id), [1, 2, 3, 1, 2, 3, 4, 5]);
  await assertProgress(outbox.pool);
});

test("a dump restored into a fresh database goes on where it was: nothing is lost or published out of order", async (t) => {
  const old = await Outbox.open(t);
  const payments = [await store(old.pool), await store(old.pool), await store(old.pool)];
  await drain(old, 1);
  // Some rows wait, some were published and deleted: positions far above what a fresh sequence would give.
  const waiting = await Promise.all(payments.slice(1).map((payment) => appendTo(old.pool, payment)));
  const restored = await Outbox.open(t, await copyDatabase(old.database, await createDatabase()));
  const all = [payments[0] as Payment, ...waiting];
  const continued = await Promise.all(all.map((payment) => appendTo(restored.pool, payment)));
  const late = await storeLate(restored.database);
  await drain(restored, 2);
  await late.commit();
  const followed = await appendTo(restored.pool, late.payment);
  await drain(restored, 2);
  assertPublished(await bus.published(), [...continued, followed]);
  await assertProgress(restored.pool);
});
