import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Batcher, type BatcherOptions, createPool, ItemFailed, type Pool, QueueFull } from "@kassa/platform/postgres";
import { createTestDatabase, type TestDatabase } from "@kassa/testing/postgres";

/** `bad` is refused by the table's check, as a poisoned row is. */
type Row = { readonly key: string; readonly n: number; readonly bad?: boolean };

const INSERT = `
  insert into rows (key, n, good)
  select key, n, not bad from unnest($1::text[], $2::int[], $3::boolean[]) as r (key, n, bad) returning n`;

let database: TestDatabase;
let pool: Pool;
let keysMade = 0;

before(async () => {
  database = await createTestDatabase();
  pool = createPool({ connectionString: database.connectionString, applicationName: "batcher-test", max: 4 });
  await pool.query(`
    create table rows (at bigint generated always as identity, key text not null, n int not null, good boolean not null
      constraint no_poison check (good), batch xid8 not null default pg_current_xact_id());
    create table accounts (id int primary key, balance int not null);
    insert into accounts select n, 0 from generate_series(1, 2) as n`);
});

after(async () => {
  await pool.end();
  await database.drop();
});

function freshKey(): string {
  keysMade += 1;
  return `key-${keysMade}`;
}

async function write(rows: readonly Row[]): Promise<number[]> {
  const columns = [rows.map(({ key }) => key), rows.map(({ n }) => n), rows.map(({ bad }) => bad ?? false)];
  const written = await pool.query<{ n: number }>(INSERT, columns);
  return written.rows.map(({ n }) => n);
}

function batcher(options: Partial<BatcherOptions<Row, number>> = {}): Batcher<Row, number> {
  return new Batcher({ name: "test", commit: write, maxBatch: 1_000, maxQueue: 1_000, ...options });
}

function rowsOf(key: string, length: number): Row[] {
  return Array.from({ length }, (_, n) => ({ key, n }));
}

async function stored(key: string): Promise<{ n: number; batch: string }[]> {
  return (await pool.query("select n, batch::text from rows where key = $1 order by at", [key])).rows;
}

/** A commit that waits until it is let go. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test("items are written in the order in which they came, each with its own outcome, in few batches", async () => {
  const sizes: number[] = [];
  const key = freshKey();
  const writes = batcher({ maxBatch: 64, onBatch: (size) => sizes.push(size) });
  const outcomes = await Promise.all(rowsOf(key, 200).map((row) => writes.submit(row)));
  assert.deepEqual(
    outcomes,
    rowsOf(key, 200).map(({ n }) => n),
  );
  assert.deepEqual(
    (await stored(key)).map(({ n }) => n),
    outcomes,
  );
  assert.deepEqual(sizes, [64, 64, 64, 8]);
});

test("the queue is bounded: one item more is refused with QueueFull and not written, the others are", async () => {
  const key = freshKey();
  const writes = batcher({ maxQueue: 10 });
  const submitted = rowsOf(key, 11).map((row) => writes.submit(row));
  assert.equal(writes.queued, 10);
  const settled = await Promise.allSettled(submitted);
  assert.deepEqual(
    settled.map(({ status }) => status),
    [...Array(10).fill("fulfilled"), "rejected"],
  );
  await assert.rejects(submitted[10] as Promise<number>, QueueFull);
  assert.equal((await stored(key)).length, 10);
  assert.equal(await writes.submit({ key, n: 11 }), 11);
});

test("one poisoned item in a batch of 200 fails alone; the 199 others are written", async () => {
  const key = freshKey();
  const writes = batcher();
  const submitted = rowsOf(key, 200).map((row) => writes.submit({ ...row, bad: row.n === 117 }));
  const settled = await Promise.allSettled(submitted);
  const refused = settled.flatMap((result, n) => (result.status === "rejected" ? [n] : []));
  assert.deepEqual(refused, [117]);
  await assert.rejects(submitted[117] as Promise<number>, (error) => {
    assert.ok(error instanceof ItemFailed);
    return /no_poison/.test(error.message);
  });
  assert.deepEqual(
    (await stored(key)).map(({ n }) => n),
    rowsOf(key, 200).flatMap(({ n }) => (n === 117 ? [] : [n])),
  );
});

test("items with a conflict key in common never share a batch and never overtake one another", async () => {
  const batches: (readonly Row[])[] = [];
  const [a, b, c] = [freshKey(), freshKey(), freshKey()];
  const keysOf = new Map([
    [0, [a]],
    [1, [b]],
    [2, [a, b]],
    [3, [b]],
    [4, [c]],
    [5, [a]],
    [6, [c]],
  ]);
  const writes = batcher({
    conflictKeys: ({ n }) => keysOf.get(n) ?? [],
    commit: (rows) => {
      batches.push(rows);
      return write(rows);
    },
  });
  const key = freshKey();
  await Promise.all(rowsOf(key, 7).map((row) => writes.submit(row)));
  const grouped = batches.map((rows) => rows.map(({ n }) => n));
  assert.deepEqual(grouped, [
    [0, 1, 4],
    [2, 6],
    [3, 5],
  ]);
});

test("an item left out of a full batch is not overtaken by a later one with its conflict key", async () => {
  const batches: number[][] = [];
  const writes = batcher({
    maxBatch: 2,
    conflictKeys: ({ n }) => [n < 2 ? "first" : "second"],
    commit: (rows) => {
      batches.push(rows.map(({ n }) => n));
      return write(rows);
    },
  });
  await Promise.all(rowsOf(freshKey(), 5).map((row) => writes.submit(row)));
  assert.deepEqual(batches, [[0, 2], [1, 3], [4]]);
});

test("batches that deadlock are sent again, and every item is written once", async () => {
  let calls = 0;
  // Two batches lock the two accounts in opposite order, the first time.
  const writes = batcher({
    maxBatch: 1,
    concurrency: 2,
    commit: async ([row]) => {
      calls += 1;
      const n = row?.n ?? 0;
      const client = await pool.connect();
      try {
        await client.query("begin; set local deadlock_timeout = '50ms'");
        await client.query("update accounts set balance = balance + 1 where id = $1", [n + 1]);
        if (calls <= 2) await client.query("select pg_sleep(0.1)");
        await client.query("update accounts set balance = balance + 1 where id = $1", [2 - n]);
        await client.query("commit");
        return [n];
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
  });
  assert.deepEqual(await Promise.all(rowsOf("deadlock", 2).map((row) => writes.submit(row))), [0, 1]);
  const { rows } = await pool.query("select balance from accounts order by id");
  assert.deepEqual(rows, [{ balance: 2 }, { balance: 2 }]);
  assert.equal(calls, 3);
});

test("a batch that goes on failing for a passing reason is given up after the bound, with that error", async () => {
  let calls = 0;
  const writes = batcher({
    maxTransientRetries: 3,
    commit: async () => {
      calls += 1;
      await pool.query("do $$ begin raise sqlstate '40001'; end $$");
      return [];
    },
  });
  await assert.rejects(writes.submit({ key: "never", n: 0 }), { code: "40001" });
  assert.equal(calls, 4);
});

test("a lost connection rejects the whole batch with the connection's error and halves nothing", async () => {
  let calls = 0;
  const key = freshKey();
  const writes = batcher({
    commit: async (rows) => {
      calls += 1;
      if (calls > 1) return write(rows);
      await pool.query("select pg_terminate_backend(pg_backend_pid())");
      return [];
    },
  });
  const settled = await Promise.allSettled(rowsOf(key, 20).map((row) => writes.submit(row)));
  for (const result of settled) {
    assert.equal(result.status, "rejected");
    assert.equal((result.reason as { code?: string }).code, "57P01");
  }
  assert.equal(calls, 1);
  assert.equal(await writes.submit({ key, n: 21 }), 21);
});

test("no more batches than allowed are written at once", async () => {
  const release = gate();
  let running = 0;
  let most = 0;
  const writes = batcher({
    maxBatch: 1,
    concurrency: 2,
    commit: async (rows) => {
      running += 1;
      most = Math.max(most, running);
      await release.opened;
      running -= 1;
      return rows.map(({ n }) => n);
    },
  });
  const all = Promise.all(rowsOf("wide", 6).map((row) => writes.submit(row)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(most, 2);
  release.open();
  await all;
  assert.equal(most, 2);
});

test("a drain waits for what is queued and what is being written, also when it fails", async () => {
  const key = freshKey();
  const writes = batcher({ maxBatch: 10 });
  const settled: Promise<unknown>[] = rowsOf(key, 35).map((row) =>
    writes.submit({ ...row, bad: row.n === 3 }).catch(() => undefined),
  );
  await writes.drain();
  assert.equal(writes.queued, 0);
  assert.equal((await stored(key)).length, 34);
  await Promise.all(settled);
  await writes.drain();
});
