import assert from "node:assert/strict";
import { test } from "node:test";
import { proveBooks } from "../src/proof/prove-books.ts";
import { replayProjections } from "../src/proof/replay-projections.ts";
import { Books } from "./books.ts";

/** Payments that live their whole life, one after the other, until told to stop. */
async function trade(books: Books, running: { on: boolean }): Promise<number> {
  let lives = 0;
  while (running.on) {
    const paid = await books.complete({ amount: 100 + lives });
    const asked = await books.refund(paid, 40n);
    await (lives % 2 === 0 ? books.succeed(asked) : books.settle(asked, { result: "failed", code: "refund_failed" }));
    if (lives % 3 === 0) await books.start(await books.create({ capture: "manual" }));
    lives += 1;
  }
  return lives;
}

test("beside a product that commits, publishes and seals, correct books are never called wrong", async (context) => {
  const books = await Books.open();
  context.after(() => books.close());
  const running = { on: true };
  const keepHouse = async () => {
    while (running.on) {
      await books.publish();
      await books.seal();
    }
  };
  const work = [trade(books, running), trade(books, running), trade(books, running), keepHouse()];
  // The report is read after the snapshot, so it knows more than the snapshot does.
  const acquirer = { listSettlement: () => [...books.lines] };
  const { connectionString } = books.database;
  try {
    for (let look = 0; look < 8; look += 1) {
      const proof = await proveBooks({ connectionString, acquirer, now: () => books.clock.now() });
      assert.deepEqual(
        proof.checks.filter(({ ok }) => !ok),
        [],
      );
    }
    for (let look = 0; look < 3; look += 1) {
      const { identical, summary } = await replayProjections({ connectionString });
      assert.equal(identical, true, summary);
    }
  } finally {
    running.on = false;
    const lives = await Promise.all(work);
    context.diagnostic(`${lives[0]} + ${lives[1]} + ${lives[2]} lives meanwhile`);
  }
});
