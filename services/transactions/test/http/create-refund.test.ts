import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Api, eventually } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

describe("POST /v1/payments/{id}/refunds", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  async function completed(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { body } = await api.pay(more);
    assert.equal(body.status, "completed");
    return body.id;
  }

  const refund = (id: string, amount?: number, waitS?: number) =>
    api.post(`/v1/payments/${id}/refunds`, { amount }, waitS === undefined ? {} : { waitS });

  async function refundedAtAcquirer(id: string): Promise<number> {
    const { rows } = await fixture.pool.query<{ id: string }>("select id from operations where payment_id = $1", [
      id.slice(4),
    ]);
    const operations = new Set(rows.map((row) => row.id));
    return (await fixture.settlement())
      .filter(({ kind, operation_id }) => kind === "refund" && operations.has(operation_id))
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  async function available(): Promise<bigint> {
    const { body } = await api.get("/v1/balances");
    return BigInt(body.data.find(({ currency }: { currency: string }) => currency === "EUR").available);
  }

  it("202 refunds all that is left when no amount is given, and the balance falls by it", async () => {
    const id = await completed();
    const before = await available();
    const { status, body } = await refund(id, undefined, 20);
    assert.equal(status, 202);
    assert.match(body.id, /^re_[0-9a-f]{32}$/);
    assert.deepEqual([body.payment_id, body.status, body.amount, body.last_error], [id, "succeeded", 1999, null]);
    const { body: payment } = await api.get(`/v1/payments/${id}`);
    assert.deepEqual([payment.status, payment.amount_refunded], ["completed", 1999]);
    assert.equal(await refundedAtAcquirer(id), 1999);
    assert.equal(before - (await available()), 1999n);
  });

  it("202 refunds in parts up to what was captured, then 422 amount_too_large", async () => {
    const id = await completed();
    for (const amount of [1000, 500, 499]) assert.equal((await refund(id, amount, 20)).body.status, "succeeded");
    for (const amount of [1, undefined]) {
      const answer = await refund(id, amount);
      assert.deepEqual([answer.status, answer.body.code], [422, "amount_too_large"]);
    }
    assert.equal(await refundedAtAcquirer(id), 1999);
  });

  it("422 amount_too_large beyond what was captured, though more was authorized", async () => {
    const { body: payment } = await api.pay({ capture: "manual" });
    await api.post(`/v1/payments/${payment.id}/capture`, { amount: 300 }, { waitS: 20 });
    const answer = await refund(payment.id, 301);
    assert.deepEqual([answer.status, answer.body.code], [422, "amount_too_large"]);
    assert.equal((await refund(payment.id, 300, 20)).body.status, "succeeded");
  });

  it("of 30 refunds at once no more are taken than was captured", async () => {
    const id = await completed({ amount: 1000 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => refund(id, 150)));
    const taken = answers.filter(({ status }) => status === 202);
    assert.equal(taken.length, 6);
    for (const { status, body } of answers)
      if (status !== 202) assert.deepEqual([status, body.code], [422, "amount_too_large"]);
    await eventually(async () => (await api.get(`/v1/payments/${id}`)).body.amount_refunded === 900);
    assert.equal(await refundedAtAcquirer(id), 900);
  });

  it("a pending refund reserves its amount; when it fails the amount is free again", async () => {
    const id = await completed({ payment_method: "pm_card_refundFail" });
    const before = await available();
    const { body: made } = await refund(id, 1500);
    assert.equal(made.status, "pending");
    assert.equal((await refund(id, 500)).status, 422);
    assert.equal(before - (await available()), 1500n);
    const failed = await eventually(async () => {
      const { body } = await api.get(`/v1/refunds/${made.id}`);
      return body.status === "failed" && body;
    });
    assert.equal(typeof failed.last_error.code, "string");
    assert.equal(await available(), before);
    assert.equal((await refund(id, 1999)).status, 202);
    assert.equal(await refundedAtAcquirer(id), 0);
  });

  it("a refund whose answer is lost is made once", async () => {
    const id = await completed({ payment_method: "pm_card_fault_refundTimeout" });
    const { body } = await refund(id, 600, 20);
    assert.equal(body.status, "succeeded");
    assert.equal(await refundedAtAcquirer(id), 600);
    assert.equal((await api.get(`/v1/payments/${id}`)).body.amount_refunded, 600);
  });

  it("409 invalid_state unless the payment is completed", async () => {
    const { body: authorized } = await api.pay({ capture: "manual" });
    const { body: declined } = await api.pay({ payment_method: "pm_card_chargeDeclined" });
    for (const { id } of [authorized, declined]) {
      const answer = await refund(id);
      assert.deepEqual([answer.status, answer.body.code], [409, "invalid_state"]);
    }
  });

  it("409 insufficient_funds when the balance is held for something else, and works once it is free", async () => {
    const { api: stranger, id: merchantId } = fixture.stranger;
    const { body: payment } = await stranger.pay({ amount: 800 });
    const hold =
      "update ledger_balances b set held = held + $2 from ledger_accounts a where a.id = b.account_id and a.merchant_id = $1 and a.kind = 'merchant'";
    await fixture.pool.query(hold, [merchantId, 1]);
    const answer = await stranger.post(`/v1/payments/${payment.id}/refunds`, { amount: 800 });
    assert.deepEqual([answer.status, answer.body.code], [409, "insufficient_funds"]);
    await fixture.pool.query(hold, [merchantId, -1]);
    const later = await stranger.post(`/v1/payments/${payment.id}/refunds`, { amount: 800 }, { waitS: 20 });
    assert.equal(later.body.status, "succeeded");
  });

  it("400 for an amount that is none; 404 for a payment that nobody has", async () => {
    const id = await completed();
    for (const amount of [0, -1, 1.5]) {
      const answer = await refund(id, amount);
      assert.deepEqual([answer.status, answer.body.param], [400, "amount"]);
    }
    assert.equal((await refund(`pay_${"0".repeat(32)}`)).status, 404);
  });
});
