import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brandOf } from "./brand.ts";
import { isLuhnValid } from "./luhn.ts";
import { testCards } from "./test-cards.ts";
import { tokenize } from "./tokenize.ts";

const nowMs = Date.UTC(2026, 5, 15);

describe("test cards", () => {
  it("have right check digits, the brand of their first digits, and names and numbers used once", () => {
    for (const { number, brand } of testCards) {
      assert.ok(isLuhnValid(number), number);
      assert.equal(brandOf(number), brand, number);
    }
    assert.equal(new Set(testCards.map(({ number }) => number)).size, testCards.length);
    assert.equal(new Set(testCards.map(({ token }) => token)).size, testCards.length);
  });
});

describe("tokenize", () => {
  it("keeps what is needed to charge the card and not its number", () => {
    const outcome = tokenize({ number: "4000000000009987", expMonth: 7, expYear: 2027 }, "tok_1", nowMs);
    assert.ok(outcome.ok);
    assert.deepEqual(outcome.value, {
      token: "tok_1",
      brand: "visa",
      bin: "400000",
      last4: "9987",
      expMonth: 7,
      expYear: 2027,
      country: "US",
      behaviour: "lost_card",
    });
  });

  it("a card is good until the end of its month", () => {
    const raw = { number: "4242424242424242", expMonth: 6, expYear: 2026 };
    assert.ok(tokenize(raw, "tok_1", Date.UTC(2026, 5, 30, 23, 59, 59, 999)).ok);
    assert.ok(!tokenize(raw, "tok_1", Date.UTC(2026, 6, 1)).ok);
  });

  it("one wrong digit and two swapped neighbours are noticed", () => {
    assert.ok(!isLuhnValid("4242424242424243"));
    assert.ok(!isLuhnValid("2442424242424242"));
  });
});
