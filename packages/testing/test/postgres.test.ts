import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestDatabase } from "@kassa/testing/postgres";
import pg from "pg";

async function rowsOf(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("databases cloned from one template are prepared once, start equal and do not see each other", async () => {
  let prepared = 0;
  const template = {
    name: `coins-${process.pid}`,
    async prepare(connectionString: string) {
      prepared += 1;
      await rowsOf(connectionString, "create table coins as select 1 as coin");
    },
  };
  const [first, second] = await Promise.all([createTestDatabase({ template }), createTestDatabase({ template })]);
  await rowsOf(first.connectionString, "insert into coins values (2)");
  assert.equal(prepared, 1);
  assert.equal((await rowsOf(first.connectionString, "select coin from coins")).length, 2);
  assert.equal((await rowsOf(second.connectionString, "select coin from coins")).length, 1);
  await first.drop();
  await second.drop();
  await assert.rejects(rowsOf(first.connectionString, "select 1"), /does not exist/);
});

test("a template whose making failed is made again", async () => {
  const name = `broken-${process.pid}`;
  const failing = { name, prepare: () => Promise.reject(new Error("no")) };
  await assert.rejects(createTestDatabase({ template: failing }), /no/);
  const database = await createTestDatabase({
    template: { name, prepare: async (url) => void (await rowsOf(url, "create table good ()")) },
  });
  assert.deepEqual(await rowsOf(database.connectionString, "select * from good"), []);
  await database.drop();
});
