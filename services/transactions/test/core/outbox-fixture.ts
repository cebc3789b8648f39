import assert from "node:assert/strict";
import type { PaymentEventMessage } from "@kassa/contracts/payment-events";
import { topics } from "@kassa/contracts/topics";
import { type PostgresBus, postgresBus } from "@kassa/platform/bus/postgres";
import type { Pool } from "@kassa/platform/postgres";
import { createTestDatabase, type TestDatabase } from "@kassa/testing/postgres";
import pg from "pg";
import type { Payment } from "../../src/domain/payment.ts";
import { commitTogether, created, itemOf, newId, noted, openPool } from "./fixture.ts";

/** The PostgreSQL bus in a database of its own, as an installation has it, and what was published on it. */
export class BusUnderTest {
  readonly database: TestDatabase;
  readonly bus: PostgresBus;
  readonly #others: PostgresBus[] = [];

  private constructor(database: TestDatabase, bus: PostgresBus) {
    this.database = database;
    this.bus = bus;
  }

  static async open(): Promise<BusUnderTest> {
    const database = await createTestDatabase();
    const bus = await postgresBus({ connection: { connectionString: database.connectionString } });
    await bus.ensureTopics(Object.values(topics));
    return new BusUnderTest(database, bus);
  }

  /** As another pod has it. */
  async openOther(): Promise<PostgresBus> {
    const bus = await postgresBus({ connection: { connectionString: this.database.connectionString } });
    this.#others.push(bus);
    return bus;
  }

  /** The versions published of each stream, in the order in which a consumer gets them. */
  async published(): Promise<Map<string, number[]>> {
    const rows = await rowsOf(
      this.database.connectionString,
      `select l.value from bus.log l join bus.partitions p on p.id = l.partition_id
       where p.topic = '${topics.paymentEvents.name}' order by l.partition_id, l."offset"`,
    );
    const streams = new Map<string, number[]>();
    for (const { value } of rows) {
      const { stream_id, version } = JSON.parse(value as string) as PaymentEventMessage;
      streams.set(stream_id, [...(streams.get(stream_id) ?? []), version]);
    }
    return streams;
  }

  async close(): Promise<void> {
    for (const bus of [...this.#others, this.bus]) await bus.close();
    await this.database.drop();
  }
}

export async function rowsOf(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export async function connect(database: TestDatabase): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.connectionString });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Stores a new payment; its stream has one version. */
export async function store(pool: Pool): Promise<Payment> {
  const change = created(newId());
  const outcomes = await commitTogether(pool, [itemOf(change)]);
  assert.deepEqual(outcomes, [{ kind: "committed" }]);
  return change.after;
}

/** Appends one version to the payment's stream. */
export async function appendTo(pool: Pool, payment: Payment): Promise<Payment> {
  const change = noted(payment);
  assert.deepEqual(await commitTogether(pool, [itemOf(change)]), [{ kind: "committed" }]);
  return change.after;
}

/** Commits a new payment only when asked: what it wrote has its place in the outbox already, and nobody sees it. */
export async function storeLate(database: TestDatabase): Promise<{ payment: Payment; commit(): Promise<void> }> {
  const pool = openPool(database, 1);
  await pool.query("begin");
  const payment = await store(pool);
  return {
    payment,
    async commit() {
      await pool.query("commit");
      await pool.end();
    },
  };
}

/** Every stream's versions were published from 1 to its last one, in order; a stretch may have come twice. */
export function assertPublished(published: ReadonlyMap<string, readonly number[]>, payments: readonly Payment[]): void {
  for (const { id, version } of payments) {
    const versions = published.get(id) ?? [];
    let highest = 0;
    for (const each of versions) {
      assert.ok(each <= highest + 1, `${each} after ${highest} in ${versions.join(" ")}`);
      highest = Math.max(highest, each);
    }
    assert.equal(highest, version, `${id}: published ${versions.join(" ")}`);
  }
}

/** What was published since ever and what waits add up to the events. */
export async function assertProgress(pool: Pool): Promise<void> {
  const { rows } = await pool.query(`
    select (select count(*) from events) as events, (select versions_published from outbox_progress) as published,
      (select coalesce(sum(to_version - from_version + 1), 0)::bigint from outbox where from_version > 0) as waiting`);
  const { events, published, waiting } = rows[0] as Record<string, bigint>;
  assert.equal((published ?? 0n) + (waiting ?? 0n), events);
}
