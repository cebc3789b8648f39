import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Api, fresh, paymentBody, rawCard } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";
import { countQueries } from "../query-count-fixture.ts";

const WAITERS_MAX = 20;

describe("POST /v1/payments", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments({ env: { WAITERS_MAX: String(WAITERS_MAX) } });
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  it("202 stores the payment as new, names its place and shows no more of the card than may be shown", async () => {
    const body = paymentBody({ reference: "order-1", metadata: { basket: "7" } });
    const { status, headers, body: payment } = await api.post("/v1/payments", body);
    assert.equal(status, 202);
    assert.equal(headers.get("location"), `/v1/payments/${payment.id}`);
    assert.equal(headers.get("content-type"), "application/json");
    assert.match(payment.id, /^pay_[0-9a-f]{32}$/);
    const { id, created_at, updated_at, payment_method, ...rest } = payment;
    assert.deepEqual(rest, {
      status: "new",
      amount: 1999,
      amount_capturable: 0,
      amount_captured: 0,
      amount_refunded: 0,
      currency: "EUR",
      capture: "automatic",
      reference: "order-1",
      metadata: { basket: "7" },
      cancel_requested: false,
      last_error: null,
      expires_at: null,
    });
    assert.deepEqual(payment_method, { token: "pm_card_visa", brand: "visa", last4: "4242" });
    assert.equal(created_at, updated_at);
    assert.equal((await api.until(id, "completed")).body.amount_captured, 1999);
  });

  it("202 takes a raw card and shows a token in its place", async () => {
    const { status, body } = await api.pay({ payment_method: rawCard("5555555555554444") });
    assert.equal(status, 202);
    assert.equal(body.status, "completed");
    assert.equal(body.payment_method.last4, "4444");
    assert.equal(body.payment_method.brand, "mastercard");
    assert.doesNotMatch(JSON.stringify(body), /5555555555554444/);
  });

  it("202 with manual capture authorizes and waits for a capture", async () => {
    const { body } = await api.pay({ capture: "manual" });
    assert.equal(body.status, "authorized");
    assert.equal(body.amount_capturable, 1999);
    const heldMs = Date.parse(body.expires_at) - Date.parse(body.updated_at);
    assert.equal(heldMs, 7 * 24 * 3_600_000);
  });

  it("202 takes the smallest and the largest amount, 1 and 10^12", async () => {
    for (const amount of [1, 1_000_000_000_000]) {
      const { status, body } = await api.pay({ amount, currency: "JPY" });
      assert.equal(status, 202);
      assert.deepEqual([body.status, body.amount_captured], ["completed", amount]);
    }
  });

  it("202 with Prefer: wait answers with the outcome, a decline with its reason", async () => {
    const good = await api.post("/v1/payments", paymentBody(), { waitS: 20 });
    assert.equal(good.body.status, "completed");
    assert.equal(good.headers.get("preference-applied"), "wait=20");
    assert.equal(good.headers.get("location"), `/v1/payments/${good.body.id}`);
    const bad = await api.pay({ payment_method: "pm_card_chargeDeclinedInsufficientFunds" });
    assert.equal(bad.status, 202);
    assert.equal(bad.body.status, "failed");
    assert.deepEqual(bad.body.last_error, { code: "card_declined", decline_code: "insufficient_funds" });
  });

  it("202 shows what screening denied as fraud_denied, and nothing is charged", async () => {
    const { body } = await api.pay({ payment_method: "pm_card_fraudulent" });
    assert.equal(body.status, "failed");
    assert.deepEqual(body.last_error, { code: "fraud_denied" });
    const { rows } = await fixture.pool.query("select from operations where payment_id = $1", [body.id.slice(4)]);
    assert.equal(rows.length, 0);
  });

  it("202 with Prefer: wait answers with the payment as it is when the time is over", async () => {
    const startedMs = performance.now();
    const body = paymentBody({ payment_method: "pm_card_fault_webhookNever" });
    const answer = await api.post("/v1/payments", body, { waitS: 1 });
    assert.equal(answer.status, 202);
    assert.equal(answer.body.status, "processing");
    assert.ok(performance.now() - startedMs >= 990);
  });

  it("waits with one query at a time however many wait, and beyond the bound answers at once", async () => {
    const counted = countQueries("get_payments");
    const body = paymentBody({ payment_method: "pm_card_fault_webhookNever" });
    const waits = await Promise.all(
      Array.from({ length: WAITERS_MAX + 10 }, async () => {
        const startedMs = performance.now();
        const { status } = await api.post("/v1/payments", body, { waitS: 3 });
        return { status, ms: performance.now() - startedMs };
      }),
    );
    const { most, total } = counted.stop();
    assert.ok(waits.every(({ status }) => status === 202));
    assert.equal(waits.filter(({ ms }) => ms >= 2_990).length, WAITERS_MAX);
    assert.equal(most, 1, "several queries looked for outcomes at once");
    assert.ok(total > 5 && total < 500, `${total} looks in 3 s`);
  });

  it("400 names the member that is not valid, and stores nothing", async () => {
    const faults: readonly [param: string, body: Record<string, unknown>][] = [
      ["amount", paymentBody({ amount: 0 })],
      ["amount", paymentBody({ amount: 1_000_000_000_001 })],
      ["amount", paymentBody({ amount: 19.99 })],
      ["amount", paymentBody({ amount: "1999" })],
      ["currency", paymentBody({ currency: "eur" })],
      ["capture", paymentBody({ capture: "later" })],
      ["reference", paymentBody({ reference: "" })],
      ["metadata.a", paymentBody({ metadata: { a: 1 } })],
      ["surprise", paymentBody({ surprise: true })],
      ["payment_method.card.cvc", paymentBody({ payment_method: rawCard("4242424242424242", "7") })],
    ];
    for (const [param, body] of faults) {
      const key = fresh("key");
      const answer = await api.post("/v1/payments", body, { key });
      assert.deepEqual([answer.status, answer.body.code, answer.body.param], [400, "invalid_request", param]);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal((await api.post("/v1/payments", paymentBody(), { key })).status, 202);
    }
  });

  it("400 card_invalid for a card that cannot exist, and the key stays free", async () => {
    const key = fresh("key");
    const wrong = await api.post("/v1/payments", paymentBody({ payment_method: rawCard("4242424242424241") }), { key });
    assert.deepEqual([wrong.status, wrong.body.code], [400, "card_invalid"]);
    assert.doesNotMatch(wrong.text, /4242424242424241/);
    const right = await api.post("/v1/payments", paymentBody({ payment_method: rawCard() }), { key });
    assert.equal(right.status, 202);
    assert.equal(right.headers.get("idempotent-replayed"), null);
  });

  it("400 without an Idempotency-Key, or with one of other than 1 to 255 visible characters", async () => {
    for (const key of [null, "two words", "k".repeat(256)]) {
      const answer = await api.post("/v1/payments", paymentBody(), { key });
      assert.deepEqual([answer.status, answer.body.code], [400, "idempotency_key_required"]);
    }
    assert.equal((await api.post("/v1/payments", paymentBody(), { key: "k".repeat(255) })).status, 202);
  });

  it("401 without a key, and with one that nobody has", async () => {
    for (const who of [new Api(fixture.url), new Api(fixture.url, "sk_test_0123456789abcdef0")]) {
      const answer = await who.post("/v1/payments", paymentBody());
      assert.deepEqual([answer.status, answer.body.code], [401, "unauthenticated"]);
    }
  });

  it("409 reference_taken for a second payment with a unique reference; without the wish references repeat", async () => {
    const reference = fresh("order");
    const unique = paymentBody({ reference, reference_unique: true });
    assert.equal((await api.post("/v1/payments", unique)).status, 202);
    const second = await api.post("/v1/payments", unique);
    assert.deepEqual([second.status, second.body.code, second.body.param], [409, "reference_taken", "reference"]);
    assert.equal((await api.post("/v1/payments", paymentBody({ reference }))).status, 202);
    assert.equal((await fixture.stranger.api.post("/v1/payments", unique)).status, 202);
  });

  it("422 for a currency that is none and for a token that nobody has issued", async () => {
    const currency = await api.post("/v1/payments", paymentBody({ currency: "ZZZ" }));
    assert.deepEqual(
      [currency.status, currency.body.code, currency.body.param],
      [422, "unsupported_currency", "currency"],
    );
    const token = await api.post("/v1/payments", paymentBody({ payment_method: "pm_nobody" }));
    assert.deepEqual([token.status, token.body.code], [422, "unknown_payment_method"]);
  });

  it("never shows the cause: each problem has its type, title, detail and request id, and nothing more", async () => {
    const answer = await api.post("/v1/payments", paymentBody({ currency: "ZZZ" }), {
      headers: { "x-request-id": "req-1" },
    });
    assert.deepEqual(Object.keys(answer.body).sort(), [
      "code",
      "detail",
      "param",
      "request_id",
      "status",
      "title",
      "type",
    ]);
    assert.equal(answer.body.type, "urn:kassa:error:unsupported_currency");
    assert.equal(answer.body.request_id, "req-1");
    assert.equal(answer.headers.get("x-request-id"), "req-1");
  });
});
