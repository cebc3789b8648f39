import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, Api, eventually, fresh, paymentBody, rawCard } from "../client-fixture.ts";
import { holdKey } from "../held-key-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

const REPLAYED = "idempotent-replayed";
const REPLAY = "true";

describe("Idempotency-Key", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  async function paymentsCalled(reference: string): Promise<number> {
    const { rows } = await fixture.pool.query("select from payments where reference = $1", [reference]);
    return rows.length;
  }

  for (const [kind, method] of [
    ["token", "pm_card_visa"],
    ["raw card", rawCard()],
  ] as const) {
    it(`50 identical POSTs with a ${kind} at once make one payment, one first answer and 49 replays equal to it`, async () => {
      const [key, reference] = [fresh("key"), fresh("order")];
      const body = paymentBody({ reference, payment_method: method });
      const answers = await Promise.all(Array.from({ length: 50 }, () => api.post("/v1/payments", body, { key })));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
      assert.equal(new Set(answers.map(({ headers }) => headers.get("location"))).size, 1);
      assert.equal(answers.filter(isReplay).length, 49);
      assert.equal(await paymentsCalled(reference), 1);
    });
  }

  it("twins that land in one group commit make one payment for each key", async () => {
    const pod = new Api(
      await fixture.startApi({ COMMIT_CONCURRENCY: "1", DATABASE_LOCK_TIMEOUT_MS: "5000" }),
      fixture.merchant.key,
    );
    const blocker = fresh("key");
    const held = await holdKey(fixture.pool, fixture.merchant.id, "createPayment", blocker);
    const blocked = pod.post("/v1/payments", paymentBody(), { key: blocker });
    await held.blocked();
    const keys = Array.from({ length: 40 }, () => fresh("key"));
    const sent = [...keys, ...keys, ...keys, ...keys, ...keys].map(async (key) => ({
      key,
      answer: await pod.post("/v1/payments", paymentBody({ reference: key }), { key }),
    }));
    // Everything that waits behind the blocked commit forms the next one.
    await sleep(1_000);
    await held.release();
    const answers = await Promise.all(sent);
    assert.equal((await blocked).status, 202);
    for (const key of keys) {
      const own = answers.filter((each) => each.key === key).map(({ answer }) => answer);
      assert.equal(new Set(own.map(({ text }) => text)).size, 1);
      assert.equal(own.filter(isReplay).length, 4);
      assert.equal(await paymentsCalled(key), 1);
    }
    const { rows } = await fixture.pool.query("select distinct xmin::text from idempotency_keys where key = any ($1)", [
      keys,
    ]);
    assert.equal(rows.length, 1, "the twins came in several commits");
  });

  it("twins with different bodies at once: one is stored, the other refused with 422", async () => {
    const key = fresh("key");
    const answers = await Promise.all(
      [1000, 2000].map((amount) => api.post("/v1/payments", paymentBody({ amount, reference: key }), { key })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [202, 422]);
    assert.equal(await paymentsCalled(key), 1);
  });

  it("the same key with another body is 422, with a reordered or spaced one a replay", async () => {
    const key = fresh("key");
    const first = await api.post("/v1/payments", paymentBody({ metadata: { a: "1", b: "2" } }), { key });
    const changed = await api.post("/v1/payments", paymentBody({ metadata: { a: "1", b: "3" } }), { key });
    assert.deepEqual([changed.status, changed.body.code], [422, "idempotency_key_reused"]);
    const reordered = `{ "metadata": {"b":"2","a":"1"}, "payment_method":"pm_card_visa","currency":"EUR","amount":1999}`;
    const again = await api.post("/v1/payments", reordered, { key });
    assert.deepEqual([again.status, again.text, isReplay(again)], [202, first.text, true]);
  });

  it("a raw card counts: the same key with another card is 422", async () => {
    const key = fresh("key");
    await api.post("/v1/payments", paymentBody({ payment_method: rawCard() }), { key });
    const other = await api.post("/v1/payments", paymentBody({ payment_method: rawCard("5555555555554444") }), { key });
    assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
  });

  it("a key belongs to its merchant: another one's is free", async () => {
    const key = fresh("key");
    const mine = await api.post("/v1/payments", paymentBody(), { key });
    const theirs = await fixture.stranger.api.post("/v1/payments", paymentBody({ amount: 5 }), { key });
    assert.deepEqual([theirs.status, isReplay(theirs)], [202, false]);
    assert.notEqual(mine.body.id, theirs.body.id);
  });

  it("a key belongs to its route, and on a route to its payment", async () => {
    const key = fresh("key");
    const first = await api.post("/v1/payments", paymentBody({ capture: "manual" }), { key, waitS: 20 });
    const captured = await api.post(`/v1/payments/${first.body.id}/capture`, {}, { key, waitS: 20 });
    assert.deepEqual([captured.status, isReplay(captured), captured.body.status], [202, false, "completed"]);
    const refunded = await api.post(`/v1/payments/${first.body.id}/refunds`, { amount: 1 }, { key });
    assert.deepEqual([refunded.status, isReplay(refunded)], [202, false]);
    const second = await api.pay({ capture: "manual" });
    const elsewhere = await api.post(`/v1/payments/${second.body.id}/capture`, {}, { key });
    assert.deepEqual([elsewhere.status, elsewhere.body.code], [422, "idempotency_key_reused"]);
    assert.equal((await api.get(`/v1/payments/${second.body.id}`)).body.status, "authorized");
  });

  it("Prefer is no part of the request: a replay may wait though the first did not, and the reverse", async () => {
    const key = fresh("key");
    const first = await api.post("/v1/payments", paymentBody(), { key });
    assert.equal(first.body.status, "new");
    const waited = await api.post("/v1/payments", paymentBody(), { key, waitS: 20 });
    assert.deepEqual([waited.body.id, waited.body.status, isReplay(waited)], [first.body.id, "completed", true]);
    const replayed = await api.post("/v1/payments", paymentBody(), { key });
    assert.deepEqual([replayed.text, isReplay(replayed)], [first.text, true]);
  });

  it("a refused capture replays its 409, though the payment could be captured by now", async () => {
    const key = fresh("key");
    const created = await api.post(
      "/v1/payments",
      paymentBody({ capture: "manual", payment_method: "pm_card_fault_slow" }),
    );
    const path = `/v1/payments/${created.body.id}/capture`;
    const refused = await api.post(path, {}, { key });
    assert.deepEqual([refused.status, refused.body.code], [409, "invalid_state"]);
    await api.until(created.body.id, "authorized");
    const again = await api.post(path, {}, { key });
    assert.deepEqual([again.status, again.text, isReplay(again)], [409, refused.text, true]);
    assert.equal(again.headers.get("content-type"), "application/problem+json");
    assert.equal((await api.post(path, {}, { waitS: 20 })).body.status, "completed");
  });

  it("50 identical captures at once capture once, 50 identical refunds refund once", async () => {
    const { body: payment } = await api.pay({ capture: "manual" });
    for (const [action, body] of [
      ["capture", {}],
      ["refunds", { amount: 500 }],
    ] as const) {
      const key = fresh("key");
      const path = `/v1/payments/${payment.id}/${action}`;
      const answers = await Promise.all(Array.from({ length: 50 }, () => api.post(path, body, { key })));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]), action);
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1, action);
      assert.equal(answers.filter(isReplay).length, 49, action);
      await api.until(payment.id, "completed");
    }
    await eventually(async () => (await api.get(`/v1/payments/${payment.id}`)).body.amount_refunded === 500);
  });

  it("two pods: twins that reach both at once make one payment", async () => {
    const pods = [fixture.url, await fixture.startApi({})];
    const key = fresh("key");
    const body = JSON.stringify(paymentBody({ reference: key }));
    const headers = {
      authorization: `Bearer ${fixture.merchant.key}`,
      "content-type": "application/json",
      "idempotency-key": key,
    };
    const texts = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const answer = await fetch(`${pods[index % 2]}/v1/payments`, { method: "POST", headers, body });
        assert.equal(answer.status, 202);
        return answer.text();
      }),
    );
    assert.equal(new Set(texts).size, 1);
    assert.equal(await paymentsCalled(key), 1);
  });

  it("while the provider is away cards and tokens replay; a new card gets 503, stores nothing, and its key works later", async () => {
    const [known, unknown, token] = [fresh("key"), fresh("key"), fresh("key")];
    const body = paymentBody({ payment_method: rawCard() });
    await api.post("/v1/payments", paymentBody(), { key: token });
    await api.post("/v1/payments/batch", { payments: [paymentBody()] }, { key: token });
    const first = await api.post("/v1/payments", body, { key: known, waitS: 20 });
    assert.equal(first.body.status, "completed");
    await fixture.acquirer.kill();
    const replayed = await api.post("/v1/payments", body, { key: known });
    assert.deepEqual([replayed.status, replayed.body.id, isReplay(replayed)], [202, first.body.id, true]);
    assert.equal(replayed.headers.get("location"), first.headers.get("location"));
    // A pod that has just started remembers no token.
    const pod = new Api(await fixture.startApi({}), fixture.merchant.key);
    for (const [path, request] of [
      ["/v1/payments", paymentBody()],
      ["/v1/payments/batch", { payments: [paymentBody()] }],
    ] as const) {
      const again = await pod.post(path, request, { key: token });
      assert.deepEqual([again.status < 300, isReplay(again)], [true, true], path);
    }
    const away = await api.post("/v1/payments", body, { key: unknown });
    assert.deepEqual([away.status, away.body.code], [503, "unavailable"]);
    assert.ok(Number(away.headers.get("retry-after")) > 0);
    const { rows } = await fixture.pool.query("select from idempotency_keys where key = $1", [unknown]);
    assert.equal(rows.length, 0);
    await fixture.acquirer.start();
    const later = await eventually(async () => {
      const answer = await api.post("/v1/payments", body, { key: unknown, waitS: 20 });
      return answer.status === 202 && answer;
    });
    assert.deepEqual([isReplay(later), later.body.status], [false, "completed"]);
  });
});

function isReplay({ headers }: Answer): boolean {
  return headers.get(REPLAYED) === REPLAY;
}
