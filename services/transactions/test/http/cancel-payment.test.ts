import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Api, eventually, paymentBody } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

describe("POST /v1/payments/{id}/cancel", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  async function processing(more: Readonly<Record<string, unknown>>): Promise<string> {
    const body = paymentBody({ payment_method: "pm_card_fault_slow", ...more });
    const created = await api.post("/v1/payments", body);
    await api.until(created.body.id, "processing");
    return created.body.id;
  }

  it("202 cancels an authorized payment, and nothing is charged", async () => {
    const { body: payment } = await api.pay({ capture: "manual" });
    const { status, body } = await api.post(`/v1/payments/${payment.id}/cancel`, {}, { waitS: 20 });
    assert.equal(status, 202);
    assert.deepEqual([body.status, body.amount_capturable, body.amount_captured], ["canceled", 0, 0]);
  });

  it("202 takes the wish before a worker has begun: the payment ends canceled or, had one begun, completed", async () => {
    const { body: payment } = await api.post("/v1/payments", paymentBody({ capture: "manual" }));
    const { status, body } = await api.post(`/v1/payments/${payment.id}/cancel`, {});
    assert.equal(status, 202);
    assert.equal(body.cancel_requested, true);
    assert.equal((await api.until(payment.id, "canceled", "completed")).body.status, "canceled");
  });

  it("202 while it is processing queues the wish: authorized, then voided", async () => {
    const id = await processing({ capture: "manual" });
    const { status, body } = await api.post(`/v1/payments/${id}/cancel`, {});
    assert.equal(status, 202);
    assert.deepEqual([body.status, body.cancel_requested], ["processing", true]);
    const ended = await api.until(id, "canceled");
    assert.equal(ended.body.amount_captured, 0);
    const { body: events } = await api.get(`/v1/payments/${id}/events`);
    assert.deepEqual(
      events.data.map(({ type }: { type: string }) => type),
      [
        "payment.created",
        "payment.processing",
        "cancel.requested",
        "payment.authorized",
        "void.started",
        "payment.canceled",
      ],
    );
  });

  it("202 while a charge that captures at once is processing: it came too late, completes, and can be refunded", async () => {
    const id = await processing({ capture: "automatic" });
    assert.equal((await api.post(`/v1/payments/${id}/cancel`, {})).status, 202);
    const { body } = await api.until(id, "completed");
    assert.deepEqual([body.cancel_requested, body.amount_captured], [false, 1999]);
    const { body: events } = await api.get(`/v1/payments/${id}/events`);
    assert.equal(events.data.at(-1).data.code, "already_captured");
    assert.equal((await api.post(`/v1/payments/${id}/refunds`, {})).status, 202);
  });

  it("202 again for a wish that is queued, which changes nothing", async () => {
    const id = await processing({ capture: "manual" });
    const first = await api.post(`/v1/payments/${id}/cancel`, {});
    const second = await api.post(`/v1/payments/${id}/cancel`, {});
    assert.deepEqual([second.status, second.text], [202, first.text]);
    await api.until(id, "canceled");
    const { body: events } = await api.get(`/v1/payments/${id}/events`);
    assert.equal(events.data.filter(({ type }: { type: string }) => type === "cancel.requested").length, 1);
  });

  it("409 invalid_state for a payment that is completed, failed or canceled, and it stays so", async () => {
    const { body: canceled } = await api.pay({ capture: "manual" });
    await api.post(`/v1/payments/${canceled.id}/cancel`, {}, { waitS: 20 });
    const ended = {
      completed: (await api.pay()).body.id,
      failed: (await api.pay({ payment_method: "pm_card_chargeDeclined" })).body.id,
      canceled: canceled.id,
    };
    for (const [status, id] of Object.entries(ended)) {
      const answer = await api.post(`/v1/payments/${id}/cancel`, {});
      assert.deepEqual([answer.status, answer.body.code], [409, "invalid_state"], status);
      assert.equal((await api.get(`/v1/payments/${id}`)).body.status, status);
    }
  });

  it("of a capture and a cancel at once one wins, and the money agrees", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { body: payment } = await api.pay({ capture: "manual" });
      const answers = await Promise.all(
        ["capture", "cancel"].map((action) => api.post(`/v1/payments/${payment.id}/${action}`, {})),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 409]);
      const { body } = await api.until(payment.id, "completed", "canceled");
      assert.equal(body.status, answers[0]?.status === 202 ? "completed" : "canceled");
      const { rows } = await fixture.pool.query<{ id: string }>("select id from operations where payment_id = $1", [
        payment.id.slice(4),
      ]);
      const operations = rows.map(({ id }) => id);
      const captured = (await fixture.settlement()).filter(({ operation_id }) => operations.includes(operation_id));
      assert.equal(captured.length, body.status === "completed" ? 1 : 0);
    }
  });

  it("400 for a body with members, 404 for a payment that nobody has", async () => {
    const { body: payment } = await api.pay({ capture: "manual" });
    const answer = await api.post(`/v1/payments/${payment.id}/cancel`, { amount: 5 });
    assert.deepEqual([answer.status, answer.body.param], [400, "amount"]);
    assert.equal((await api.post(`/v1/payments/pay_${"0".repeat(32)}/cancel`, {})).status, 404);
    await eventually(async () => (await api.get(`/v1/payments/${payment.id}`)).body.status === "authorized");
  });
});
