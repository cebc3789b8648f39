import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { metricsText } from "@kassa/platform/metrics";
import { eventually, paymentBody, rawCard } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

describe("the breakers of the provider", () => {
  let fixture: PaymentsFixture;
  before(async () => {
    fixture = await startPayments({ env: { ACQUIRER_BREAKER_VOLUME: "5", ACQUIRER_BREAKER_RESET_MS: "600000" } });
  });
  after(() => fixture.stop());

  it("while that of charges is open, cards are exchanged and new tokens looked up: 202, not 503", async () => {
    const { api } = fixture.merchant;
    const failing = paymentBody({ payment_method: "pm_card_fault_errorAfterCharge" });
    await Promise.all(Array.from({ length: 10 }, () => api.post("/v1/payments", failing)));
    await eventually(async () => (await stateOf("acquirer")) === OPEN, 10_000);
    for (const payment_method of [rawCard(), "pm_card_mastercard", "pm_card_jcb"]) {
      const answer = await api.post("/v1/payments", paymentBody({ payment_method }));
      assert.equal(answer.status, 202, answer.text);
    }
    assert.deepEqual([await stateOf("acquirer"), await stateOf("acquirer.tokens")], [OPEN, CLOSED]);
  });
});

const OPEN = 2;
const CLOSED = 0;

async function stateOf(name: string): Promise<number> {
  const { text } = await metricsText();
  return Number(text.match(`kassa_breaker_state{name="${name}"} ([0-9])`)?.[1]);
}
