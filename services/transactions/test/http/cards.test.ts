import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Api, eventually, paymentBody, rawCard } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

/** How a payment on the card ends: as charged, or with the code and decline code that it shows. */
type End = "charged" | "processing" | readonly [code: string, declineCode?: string];

/** Every card of the acquirer; its README says what each does, and the first test compares the lists. */
const ends: Readonly<Record<string, End>> = {
  pm_card_visa: "charged",
  pm_card_visa_debit: "charged",
  pm_card_mastercard: "charged",
  pm_card_amex: "charged",
  pm_card_discover: "charged",
  pm_card_diners: "charged",
  pm_card_jcb: "charged",
  pm_card_unionpay: "charged",
  pm_card_gb: "charged",
  pm_card_kp: ["fraud_denied"],
  pm_card_fraudulent: ["fraud_denied"],
  pm_card_chargeDeclined: ["card_declined", "generic_decline"],
  pm_card_chargeDeclinedInsufficientFunds: ["card_declined", "insufficient_funds"],
  pm_card_chargeDeclinedLostCard: ["card_declined", "lost_card"],
  pm_card_chargeDeclinedStolenCard: ["card_declined", "stolen_card"],
  pm_card_chargeDeclinedExpiredCard: ["expired_card", "expired_card"],
  pm_card_chargeDeclinedIncorrectCvc: ["incorrect_cvc", "incorrect_cvc"],
  pm_card_chargeDeclinedProcessingError: ["processing_error", "processing_error"],
  pm_card_authenticationRequired: ["authentication_required", "authentication_required"],
  pm_card_createDispute: "charged",
  pm_card_refundFail: "charged",
  pm_card_pendingRefund: "charged",
  pm_card_fault_timeoutAfterCharge: "charged",
  pm_card_fault_errorAfterCharge: "charged",
  pm_card_fault_lateLookup: "charged",
  pm_card_fault_slow: "charged",
  pm_card_fault_webhookBeforeAnswer: "charged",
  pm_card_fault_webhookTwice: "charged",
  pm_card_fault_webhookOnly: "charged",
  pm_card_fault_webhookNever: "processing",
  pm_card_fault_captureTimeout: "charged",
  pm_card_fault_refundTimeout: "charged",
  pm_card_fault_refundFailAtOnce: "charged",
};

/** Beyond every delay of the fault cards, and beyond the first looks of the resolver. */
const NEVER_MS = 4_000;

/** How a refund on the card ends, where it does not simply succeed. */
const failingRefunds = new Set(["pm_card_refundFail", "pm_card_fault_refundFailAtOnce"]);

const chargedCards = Object.keys(ends).filter((token) => ends[token] === "charged");

/** Tokens and numbers as the acquirer's manual lists them. */
const manual = [
  ...readFileSync(new URL("../../../acquirer/README.md", import.meta.url), "utf8").matchAll(
    /^\| `(pm_\w+)`\s+\| (\d+)/gm,
  ),
].map(([, token = "", number = ""]) => ({ token, number }));

describe("every test card, end to end", { concurrency: true }, () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  it("the acquirer's manual lists the cards of this test", () => {
    assert.deepEqual(manual.map(({ token }) => token).sort(), Object.keys(ends).sort());
  });

  async function moved(id: string): Promise<readonly string[]> {
    const { rows } = await fixture.pool.query<{ id: string }>("select id from operations where payment_id = $1", [
      id.slice(4),
    ]);
    const operations = new Set(rows.map((row) => row.id));
    return (await fixture.settlement())
      .filter(({ operation_id }) => operations.has(operation_id))
      .map(({ kind, amount }) => `${kind} ${amount}`);
  }

  for (const [token, end] of Object.entries(ends)) {
    it(`${token}: ${typeof end === "string" ? end : end.join(" ")}`, async () => {
      const { body: created } = await api.post("/v1/payments", paymentBody({ payment_method: token }));
      if (end === "processing") {
        await api.until(created.id, "processing");
        await sleep(NEVER_MS);
        assert.equal((await api.get(`/v1/payments/${created.id}`)).body.status, "processing");
        assert.deepEqual(await moved(created.id), []);
        return;
      }
      const { body } = await api.until(created.id, "completed", "failed");
      if (end === "charged") {
        assert.deepEqual([body.status, body.amount_captured, body.last_error], ["completed", 1999, null]);
        assert.deepEqual(await moved(created.id), ["capture 1999"]);
        return;
      }
      const [code, declineCode] = end;
      assert.equal(body.status, "failed");
      assert.deepEqual(body.last_error, { code, ...(declineCode === undefined ? {} : { decline_code: declineCode }) });
      assert.deepEqual(await moved(created.id), []);
    });
  }

  for (const token of chargedCards) {
    it(`${token}, authorized, captured in part and refunded in part: each moved once`, async () => {
      const body = paymentBody({ payment_method: token, capture: "manual" });
      const { body: created } = await api.post("/v1/payments", body);
      await api.until(created.id, "authorized");
      assert.deepEqual(await moved(created.id), []);
      assert.equal((await api.post(`/v1/payments/${created.id}/capture`, { amount: 1500 })).status, 202);
      assert.equal((await api.until(created.id, "completed")).body.amount_captured, 1500);
      const { body: made } = await api.post(`/v1/payments/${created.id}/refunds`, { amount: 400 });
      const status = await eventually(async () => {
        const { body } = await api.get(`/v1/refunds/${made.id}`);
        return body.status !== "pending" && body.status;
      });
      assert.equal(status, failingRefunds.has(token) ? "failed" : "succeeded");
      assert.deepEqual(await moved(created.id), ["capture 1500", ...(status === "succeeded" ? ["refund 400"] : [])]);
    });
  }

  it("a number ends as its token does", async () => {
    await Promise.all(
      manual.map(async ({ token, number }) => {
        const end = ends[token];
        const { body: created } = await api.post("/v1/payments", {
          amount: 700,
          currency: "EUR",
          payment_method: rawCard(number, "7371"),
        });
        const status = end === "charged" ? "completed" : end === "processing" ? "processing" : "failed";
        const { body } = await api.until(created.id, status);
        assert.equal(body.payment_method.last4, number.slice(-4));
        if (typeof end === "object") assert.equal(body.last_error.code, end[0]);
        await eventually(async () => (await moved(created.id)).length === (end === "charged" ? 1 : 0));
      }),
    );
  });
});
