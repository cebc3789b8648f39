import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { publicId } from "@kassa/kernel/id";
import { parseHead } from "../src/proof/checks/chain.ts";
import { checkNames } from "../src/proof/proof.ts";
import { proveBooks } from "../src/proof/prove-books.ts";
import { renderProof } from "../src/proof/render-proof.ts";
import { Books, type Story, tellStory } from "./books.ts";

let books: Books;
let story: Story;

before(async () => {
  books = await Books.open();
  story = await tellStory(books);
});

after(() => books.close());

function prove(more: Partial<Parameters<typeof proveBooks>[0]> = {}) {
  const { connectionString } = books.database;
  return proveBooks({
    connectionString,
    acquirer: { listSettlement: () => books.lines },
    now: () => books.clock.now(),
    ...more,
  });
}

test("correct books pass, and every check compared something", async () => {
  const proof = await prove();
  const wrong = proof.checks.filter(({ ok }) => !ok);
  assert.deepEqual(wrong, []);
  assert.equal(proof.ok, true);
  assert.deepEqual(
    proof.checks.map(({ name, compared }) => [name, compared > 0]),
    checkNames.map((name) => [name, true]),
  );
  assert.match(proof.summary, /^The books are right\. \d+ things compared, 4 waiting\.$/);
});

test("everything that has not ended is listed with what it waits for, what is in flight at the provider too", async () => {
  const { waiting } = await prove();
  const [refund] = story.refunding.refunds;
  assert.deepEqual(
    waiting.map(({ payment_id, operation_id, kind, waits_for }) => ({ payment_id, operation_id, kind, waits_for })),
    [
      {
        payment_id: publicId("payment", story.refunding.id),
        operation_id: refund === undefined ? null : publicId("operation", refund.operationId),
        kind: "refund",
        waits_for: "the relay: its command waits in the outbox",
      },
      {
        payment_id: publicId("payment", story.authorized.id),
        operation_id: null,
        kind: "payment",
        waits_for: `a capture or cancel by the merchant until ${new Date(story.authorized.expiresAtMs ?? 0).toISOString()}`,
      },
      {
        payment_id: publicId("payment", story.unknown.id),
        operation_id: publicId("operation", story.unknown.operations[0]?.id ?? story.unknown.id),
        kind: "authorize",
        waits_for: `the provider's outcome (timeout): a webhook, or the next look at ${new Date(
          story.unknown.updatedAtMs + 1000,
        ).toISOString()}; at the provider already: capture of 88.00 EUR`,
      },
      {
        payment_id: publicId("payment", story.fresh.id),
        operation_id: null,
        kind: "payment",
        waits_for: "the relay: its command waits in the outbox",
      },
    ],
  );
});

test("without a settlement report the provider is not compared, and the summary says so", async () => {
  const proof = await prove({ acquirer: undefined });
  assert.equal(proof.ok, true);
  assert.equal(
    proof.checks.some(({ name }) => name === "provider"),
    false,
  );
  assert.match(proof.summary, /the provider was not asked/);
});

test("a report that breaks off is no proof", async () => {
  const acquirer = {
    async *listSettlement() {
      yield* books.lines.slice(0, 2);
      throw new Error("connection refused");
    },
  };
  const proof = await prove({ acquirer });
  assert.equal(proof.ok, false);
  assert.deepEqual(
    proof.checks.find(({ name }) => name === "provider")?.faults.map(({ what }) => what),
    ["report_unavailable"],
  );
});

test("a head that was kept proves that no block before it was rewritten", async () => {
  const { head } = await prove();
  const kept = parseHead(head ?? "");
  assert.ok(kept !== undefined);
  await books.seal();
  const later = await prove({ head: kept });
  assert.equal(later.ok, true);
  assert.notEqual(later.head, head);
  const forged = await prove({
    head: { ...kept, hash: kept.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) },
  });
  assert.deepEqual(
    forged.checks.find(({ name }) => name === "chain")?.faults.map(({ what, id }) => [what, id]),
    [["head_differs", `block ${kept.block}`]],
  );
});

test("the text for people has a line for each check, each fault with both sides, what waits, the head and the verdict", async () => {
  const text = renderProof(await prove());
  for (const name of checkNames) assert.match(text, new RegExp(`^ok +${name} +\\d+ `, "m"));
  assert.equal(text.match(/^waiting /gm)?.length, 4);
  assert.match(text, /^head \d+:[0-9a-f]{64}$/m);
  const wrong = renderProof(await prove({ acquirer: { listSettlement: () => books.lines.slice(1) } }));
  assert.match(wrong, /^WRONG +provider +\d+ +1 fault, see below$/m);
  assert.match(
    wrong,
    /^provider: missing_at_provider [0-9a-f-]{36}\n {2}expected {2}a capture .*\n {2}found {5}no settlement line$/m,
  );
  assert.match(wrong, /\nThe books are wrong: 1 fault in provider\. .*\n$/);
});

test("a pool made for requests, with its short time-outs, serves as well", async () => {
  const proof = await proveBooks({ pool: books.pool, now: () => books.clock.now() });
  assert.equal(proof.ok, true);
});
