import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Currency, currencies, currencyExponent, isCurrency } from "./currency.ts";
import { add, formatMoney, money, parseMoney, subtract } from "./money.ts";

const currency = fc.constantFrom(...(currencies as Currency[]));
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

test("what formatMoney prints, parseMoney reads back, with 0, 2 and 3 decimals", () => {
  fc.assert(
    fc.property(amount, currency, (amountMinor, code) => {
      const text = formatMoney(money(amountMinor, code));
      assert.deepEqual(parseMoney(text.split(" ")[0] ?? "", code), money(amountMinor, code));
    }),
  );
  assert.deepEqual(
    ["JPY", "EUR", "KWD"].map((code) => formatMoney(money(1999n, code as Currency))),
    ["1999 JPY", "19.99 EUR", "1.999 KWD"],
  );
});

test("more decimals than the currency has are refused, never rounded", () => {
  assert.equal(parseMoney("1.5", "JPY" as Currency), undefined);
  assert.equal(parseMoney("1.999", "EUR" as Currency), undefined);
  assert.equal(parseMoney("1e3", "EUR" as Currency), undefined);
});

test("adding and subtracting are exact and never mix currencies", () => {
  fc.assert(
    fc.property(amount, amount, currency, (a, b, code) => {
      const sum = add(money(a, code), money(b, code));
      assert.deepEqual(subtract(sum, money(b, code)), money(a, code));
    }),
  );
  assert.throws(() => add(money(1n, "EUR" as Currency), money(1n, "USD" as Currency)), /cannot add USD to EUR/);
});

test("every pinned currency has 0, 2 or 3 decimals and unknown codes are refused", () => {
  for (const code of currencies) assert.ok([0, 2, 3].includes(currencyExponent(code as Currency)), code);
  assert.equal(isCurrency("eur"), false);
  assert.equal(isCurrency("XTS"), false);
  assert.throws(() => currencyExponent("XTS" as Currency), /XTS/);
});
