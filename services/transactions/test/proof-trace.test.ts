import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { publicId } from "@kassa/kernel/id";
import { renderTrace } from "../src/proof/render-trace.ts";
import { tracePayment } from "../src/proof/trace-payment.ts";
import { Books, CARD, type Story, tellStory } from "./books.ts";

let books: Books;
let story: Story;

before(async () => {
  books = await Books.open();
  story = await tellStory(books);
});

after(() => books.close());

function trace(paymentId: string) {
  return tracePayment({ connectionString: books.database.connectionString, paymentId });
}

test("a payment's timeline tells its request, events, calls, postings and messages in order of time", async () => {
  const found = await trace(publicId("payment", story.refunded.id));
  assert.ok(found !== undefined);
  const { entries } = found;
  assert.deepEqual(
    entries.filter(({ kind }) => kind === "event").map(({ what }) => what),
    [
      "1 payment.created",
      "2 payment.processing",
      "3 payment.authorized",
      "4 payment.completed",
      "5 refund.requested",
      "6 refund.succeeded",
      "7 refund.requested",
      "8 refund.failed",
    ],
  );
  assert.deepEqual(
    entries.filter(({ kind }) => kind === "posting").map(({ what, details }) => [what, details.split(",")[0]]),
    [
      ["post 50.00 EUR", "provider:acquirer -> merchant"],
      ["hold 12.00 EUR", "on merchant"],
      ["settle 12.00 EUR", "merchant -> provider:acquirer"],
      ["hold 3.00 EUR", "on merchant"],
      ["release 3.00 EUR", "to merchant"],
    ],
  );
  assert.deepEqual(
    entries.filter(({ kind }) => kind === "call").map(({ what, details }) => `${what}: ${details.split(",")[0]}`),
    [
      "authorize at acquirer: succeeded after 11 ms",
      "refund at acquirer: succeeded after 11 ms",
      "refund at acquirer: failed after 11 ms",
    ],
  );
  assert.equal(entries[0]?.kind, "request");
  assert.equal(entries[0]?.what, "POST /v1/payments");
  assert.ok(entries.some(({ kind }) => kind === "message"));
  assert.deepEqual(
    entries.map(({ at }) => at),
    entries.map(({ at }) => at).toSorted(),
  );
});

test("what is still to come is there too: the timer of an unknown outcome, the command in the outbox", async () => {
  const unknown = await trace(story.unknown.id);
  assert.ok(unknown?.entries.some(({ kind, what }) => kind === "timer" && what === "look at the provider again"));
  const fresh = await trace(publicId("payment", story.fresh.id));
  assert.deepEqual(
    fresh?.entries.filter(({ kind }) => kind === "message").map(({ what, details }) => `${what}: ${details}`),
    ["waits in the outbox: events 1 to 1 and a command"],
  );
});

test("of the card a trace holds the brand and the last four digits, neither token nor BIN", async () => {
  const found = await trace(publicId("payment", story.refunded.id));
  assert.ok(found !== undefined);
  for (const text of [renderTrace(found), JSON.stringify(found)]) {
    assert.match(text, /visa/);
    assert.match(text, /4242/);
    assert.doesNotMatch(text, new RegExp(`${CARD.token}\\b|${CARD.bin}`));
  }
});

test("the text is aligned: every line's columns begin below those of the first", async () => {
  const found = await trace(publicId("payment", story.captured.id));
  assert.ok(found !== undefined);
  const text = renderTrace(found);
  const lines = text.split("\n").filter((line) => /^2026-/.test(line));
  assert.equal(lines.length, found.entries.length);
  const columns = new Set(lines.map((line) => /(request|event|call|posting|message|timer) /.exec(line)?.index));
  assert.equal(columns.size, 1);
});

test("no such payment is no trace", async () => {
  assert.equal(await trace(publicId("payment", books.merchantId)), undefined);
  assert.equal(await trace("re_0"), undefined);
});
