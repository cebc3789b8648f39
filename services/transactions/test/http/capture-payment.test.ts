import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Api, eventually, paymentBody } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

describe("POST /v1/payments/{id}/capture", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  async function authorized(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { body } = await api.pay({ capture: "manual", ...more });
    assert.equal(body.status, "authorized");
    return body.id;
  }

  async function capturesOf(id: string): Promise<readonly number[]> {
    const { rows } = await fixture.pool.query<{ id: string }>("select id from operations where payment_id = $1", [
      id.slice(4),
    ]);
    const operations = new Set(rows.map((row) => row.id));
    return (await fixture.settlement())
      .filter(({ kind, operation_id }) => kind === "capture" && operations.has(operation_id))
      .map(({ amount }) => amount);
  }

  it("202 captures the whole amount, and shows it as on its way", async () => {
    const id = await authorized();
    const answer = await api.post(`/v1/payments/${id}/capture`, {});
    assert.equal(answer.status, 202);
    assert.deepEqual([answer.body.status, answer.body.amount_capturable], ["authorized", 0]);
    const { body } = await api.until(id, "completed");
    assert.deepEqual([body.amount_captured, body.amount_capturable, body.expires_at], [1999, 0, null]);
    assert.deepEqual(await capturesOf(id), [1999]);
  });

  it("202 needs no body", async () => {
    const id = await authorized();
    const answer = await api.post(`/v1/payments/${id}/capture`, "");
    assert.equal(answer.status, 202);
    assert.equal((await api.until(id, "completed")).body.amount_captured, 1999);
  });

  it("202 captures a part, and releases the rest", async () => {
    const id = await authorized();
    const { status, body } = await api.post(`/v1/payments/${id}/capture`, { amount: 500 }, { waitS: 20 });
    assert.equal(status, 202);
    assert.deepEqual([body.status, body.amount_captured, body.amount_capturable], ["completed", 500, 0]);
    assert.deepEqual(await capturesOf(id), [500]);
    const { body: events } = await api.get(`/v1/payments/${id}/events`);
    const { amount_captured, amount_released } = events.data.at(-1).data;
    assert.deepEqual([amount_captured, amount_released], [500, 1499]);
  });

  it("409 invalid_state for a second capture, also of the rest, and the refusal is recorded", async () => {
    const id = await authorized();
    await api.post(`/v1/payments/${id}/capture`, { amount: 500 }, { waitS: 20 });
    const second = await api.post(`/v1/payments/${id}/capture`, { amount: 500 });
    assert.deepEqual([second.status, second.body.code], [409, "invalid_state"]);
    assert.deepEqual(await capturesOf(id), [500]);
    const { body: events } = await api.get(`/v1/payments/${id}/events`);
    assert.deepEqual(events.data.at(-1).data, { command: "capture", status: "completed", code: "invalid_state" });
  });

  it("202: nothing is capturable for as long as a capture has no outcome, in the answer and in the projection", async () => {
    const id = await authorized({ payment_method: "pm_card_fault_captureTimeout" });
    const before = await api.get(`/v1/payments/${id}`);
    assert.equal(before.body.amount_capturable, 1999);
    assert.equal((await api.post(`/v1/payments/${id}/capture`, { amount: 700 })).body.amount_capturable, 0);
    const seen = new Set<string>();
    await eventually(async () => {
      const { rows } = await fixture.pool.query(
        `select p.status, o.outcome, p.amount_capturable from payments p
         join operations o on o.payment_id = p.id and o.kind = 'capture' where p.id = $1`,
        [id.slice(4)],
      );
      const [{ status, outcome, amount_capturable }] = rows;
      seen.add(`${status}, capture ${outcome}: ${amount_capturable} capturable`);
      const { body } = await api.get(`/v1/payments/${id}`);
      assert.equal(body.amount_capturable, 0);
      return status === "completed";
    }, 20_000);
    seen.delete("authorized, capture pending: 0 capturable");
    assert.deepEqual(
      [...seen],
      ["authorized, capture unknown: 0 capturable", "completed, capture succeeded: 0 capturable"],
    );
  });

  it("409 capture_unresolved while a capture has no outcome; capture, cancel and refund all wait for it", async () => {
    const id = await authorized({ payment_method: "pm_card_fault_captureTimeout" });
    assert.equal((await api.post(`/v1/payments/${id}/capture`, { amount: 700 })).status, 202);
    for (const action of ["capture", "cancel", "refunds"]) {
      const answer = await api.post(`/v1/payments/${id}/${action}`, {});
      assert.deepEqual([answer.status, answer.body.code], [409, "capture_unresolved"], action);
    }
    await eventually(async () => {
      const { body } = await api.get(`/v1/payments/${id}/events`);
      return body.data.some(({ type }: { type: string }) => type === "operation.unknown");
    });
    const unknown = await api.post(`/v1/payments/${id}/cancel`, {});
    if (unknown.body.code !== "invalid_state") assert.equal(unknown.body.code, "capture_unresolved");
    assert.equal((await api.until(id, "completed")).body.amount_captured, 700);
    assert.deepEqual(await capturesOf(id), [700]);
  });

  it("of 20 different captures at once one is taken", async () => {
    const id = await authorized();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => api.post(`/v1/payments/${id}/capture`, { amount: index + 1 })),
    );
    assert.equal(answers.filter(({ status }) => status === 202).length, 1);
    assert.ok(answers.every(({ status }) => status === 202 || status === 409));
    await api.until(id, "completed");
    assert.equal((await capturesOf(id)).length, 1);
  });

  it("409 invalid_state for a payment that is new, completed at once, declined or canceled", async () => {
    const slow = paymentBody({ capture: "manual", payment_method: "pm_card_fault_slow" });
    const canceled = await authorized();
    await api.post(`/v1/payments/${canceled}/cancel`, {}, { waitS: 20 });
    const ids = [
      (await api.post("/v1/payments", slow)).body.id,
      (await api.pay()).body.id,
      (await api.pay({ payment_method: "pm_card_chargeDeclined" })).body.id,
      canceled,
    ];
    for (const id of ids) {
      const answer = await api.post(`/v1/payments/${id}/capture`, {});
      assert.deepEqual([answer.status, answer.body.code], [409, "invalid_state"]);
    }
  });

  it("422 amount_too_large for more than was authorized, and nothing happens to the payment", async () => {
    const id = await authorized();
    const answer = await api.post(`/v1/payments/${id}/capture`, { amount: 2000 });
    assert.deepEqual([answer.status, answer.body.code], [422, "amount_too_large"]);
    const { body } = await api.get(`/v1/payments/${id}`);
    assert.deepEqual([body.status, body.amount_capturable], ["authorized", 1999]);
  });

  it("400 for an amount that is none; 404 for a payment that nobody has", async () => {
    const id = await authorized();
    for (const amount of [0, -1, 1.5, "1"]) {
      const answer = await api.post(`/v1/payments/${id}/capture`, { amount });
      assert.deepEqual([answer.status, answer.body.param], [400, "amount"]);
    }
    assert.equal((await api.post(`/v1/payments/pay_${"0".repeat(32)}/capture`, {})).status, 404);
  });
});
