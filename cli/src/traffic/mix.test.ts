import assert from "node:assert/strict";
import { test } from "node:test";
import { testCards } from "@kassa/acquirer/domain/test-cards";
import { PaymentRequest } from "@kassa/contracts/payment-routes";
import { isCurrency } from "@kassa/kernel/currency";
import { Value } from "typebox/value";
import { drawOrder, type MixName, mixNames } from "./mix.ts";
import { seededRandom } from "./random.ts";

const ORDERS = 5_000;

function draw(mix: MixName, seed = 1) {
  const random = seededRandom(seed);
  return Array.from({ length: ORDERS }, (_, number) => drawOrder(random, mix, number));
}

test("every order is a request that the API's own schema takes, in a currency of ISO 4217", () => {
  for (const { request, partAmount } of mixNames.flatMap((mix) => draw(mix))) {
    assert.ok(Value.Check(PaymentRequest, request), JSON.stringify(request));
    assert.ok(isCurrency(request.currency));
    assert.ok(partAmount >= 1 && partAmount <= request.amount);
  }
});

test("a seed repeats the same orders, another seed gives others", () => {
  assert.deepEqual(draw("default", 7), draw("default", 7));
  assert.notDeepEqual(draw("default", 7), draw("default", 8));
});

test("the mixture of faults draws every test card, the happy one none that declines or fails", () => {
  const tokens = (mix: MixName) =>
    new Set(draw(mix).flatMap(({ request: { payment_method: method } }) => (typeof method === "string" ? method : [])));
  assert.deepEqual([...tokens("faults")].sort(), testCards.map(({ token }) => token).sort());
  assert.deepEqual(
    [...tokens("happy")].filter((token) => /fault|Decline|Dispute|refund|fraud|kp/i.test(token)),
    [],
  );
});
