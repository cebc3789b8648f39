import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createPool } from "@kassa/platform/postgres";
import { acquirerSettlement } from "../src/proof/acquirer-settlement.ts";
import { proveBooks } from "../src/proof/prove-books.ts";
import { replayProjections } from "../src/proof/replay-projections.ts";
import { tracePayment } from "../src/proof/trace-payment.ts";
import { eventually } from "./client-fixture.ts";
import { ACQUIRER_TOKEN, type PaymentsFixture, startPayments } from "./payments-fixture.ts";

const CARDS = [
  "visa",
  "chargeDeclined",
  "pendingRefund",
  "fault_timeoutAfterCharge",
  "fault_webhookOnly",
  "fault_webhookTwice",
];

let product: PaymentsFixture;

before(async () => {
  product = await startPayments();
});

after(() => product?.stop());

function prove() {
  const acquirer = acquirerSettlement({ url: product.acquirer.url, token: ACQUIRER_TOKEN });
  return proveBooks({ pool: product.pool, acquirer });
}

function pay(card: string, more: object = {}) {
  const body = { amount: 1999, currency: "EUR", payment_method: `pm_card_${card}`, ...more };
  return product.merchant.api.post("/v1/payments", body);
}

async function assertRight(): Promise<number> {
  const { checks, waiting_total } = await prove();
  const wrong = checks.filter(({ ok }) => !ok);
  assert.deepEqual(wrong, []);
  return waiting_total;
}

test("beside the running product and the acquirer's own report the books are right at every moment, and in the end", async () => {
  const { api } = product.merchant;
  for (let round = 0; round < 4; round += 1) {
    const paid = await Promise.all(CARDS.map((card) => pay(card)));
    const [held] = await Promise.all([pay("visa", { capture: "manual" }), assertRight()]);
    await api.until(paid[0]?.body.id, "completed");
    await Promise.all([
      api.post(`/v1/payments/${paid[0]?.body.id}/refunds`, { amount: 500 }),
      api
        .until(held.body.id, "authorized")
        .then(() => api.post(`/v1/payments/${held.body.id}/capture`, { amount: 1000 })),
      assertRight(),
    ]);
  }
  await eventually(async () => (await assertRight()) === 0, 60_000);
  const provider = (await prove()).checks.find(({ name }) => name === "provider");
  assert.ok((provider?.compared ?? 0) > 40, `compared ${provider?.compared}`);
});

test("replay beside the running product is byte for byte identical", async () => {
  const { identical, summary } = await replayProjections({ connectionString: connectionString() });
  assert.equal(identical, true, summary);
});

test("a payment's trace tells the request that made it", async () => {
  const paid = await pay("visa");
  await product.merchant.api.until(paid.body.id, "completed");
  const trace = await tracePayment({ connectionString: connectionString(), paymentId: paid.body.id });
  assert.equal(trace?.status, "completed");
  assert.deepEqual(
    new Set(trace?.entries.map(({ kind }) => kind)),
    new Set(["request", "message", "event", "call", "posting"]),
  );
});

test("a charge that vanishes from the acquirer's books is missing there", async (context) => {
  const pool = createPool({ connectionString: product.acquirerDatabaseUrl, applicationName: "tests", max: 1 });
  context.after(() => pool.end());
  const { rows } = await pool.query<{ operation_id: string }>(
    "delete from settlement where position = (select min(position) from settlement) returning operation_id",
  );
  const provider = (await prove()).checks.find(({ name }) => name === "provider");
  assert.deepEqual(
    provider?.faults.map(({ what, id }) => [what, id]),
    [["missing_at_provider", rows[0]?.operation_id]],
  );
});

test("while the acquirer is away nothing is proven", async () => {
  await product.acquirer.kill();
  const proof = await prove();
  assert.equal(proof.ok, false);
  const provider = proof.checks.find(({ name }) => name === "provider");
  assert.equal(provider?.faults[0]?.what, "report_unavailable");
});

function connectionString(): string {
  const { connectionString: text } = product.pool.options;
  assert.ok(text !== undefined);
  return text;
}
