import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EventsCheck } from "../src/proof/checks/events.ts";
import { readAllStreams } from "../src/proof/read-streams.ts";
import { onSnapshot } from "../src/proof/snapshot.ts";
import { ExpectedDigests, readTableDigests } from "../src/proof/table-digests.ts";
import { Books, tellStory } from "./books.ts";

describe("the digests of a proof", () => {
  let books: Books;
  before(async () => {
    books = await Books.open();
    await tellStory(books);
  });
  after(() => books.close());

  async function areEqual(): Promise<boolean> {
    return onSnapshot(books.pool, undefined, async (reader, comparer) => {
      const expected = new ExpectedDigests();
      const events = new EventsCheck();
      for await (const streams of readAllStreams(reader)) expected.add(events.sift(streams));
      return expected.equals(await readTableDigests(comparer));
    });
  }

  it("of right books are equal, so that no row has to be looked at", async () => {
    assert.equal(await areEqual(), true);
  });

  for (const [table, change, undo] of [
    ["payments", 'metadata = \'{"shop": "ü 8"}\'', 'metadata = \'{"shop": "ü 7"}\''],
    ["refunds", "updated_at = updated_at + interval '1 ms'", "updated_at = updated_at - interval '1 ms'"],
    ["operations", "reason = ''", "reason = null"],
    ["ledger_transfers", "occurred_at = occurred_at + interval '1 us'", "occurred_at = occurred_at - interval '1 us'"],
  ] as const) {
    it(`of ${table} tell of one changed column of one row`, async () => {
      const where = {
        payments: "metadata <> '{}'",
        refunds: "ctid = (select min(ctid) from refunds)",
        operations: "id = (select id from operations where reason is null order by id limit 1)",
        ledger_transfers: "id = (select id from ledger_transfers order by id limit 1)",
      }[table];
      const { rows } = await books.pool.query(`select ctid from ${table} where ${where}`);
      assert.equal(rows.length, 1);
      const { rows: changed } = await books.pool.query(`update ${table} set ${change} where ${where} returning ctid`);
      assert.equal(await areEqual(), false);
      await books.pool.query(`update ${table} set ${undo} where ctid = $1`, [changed[0].ctid]);
      assert.equal(await areEqual(), true);
    });
  }
});
