import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chargeBody, createDatabase, fresh, type Sandbox, startSandbox } from "./sandbox.ts";

describe("POST /v1/charges", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox(await createDatabase());
  });
  after(() => sandbox.stop());

  it("200: captures at once when asked to", async () => {
    const body = chargeBody("pm_card_visa");
    const answer = await sandbox.post("/v1/charges", body, fresh("key"));
    assert.equal(answer.status, 200);
    assert.match(answer.body.id, /^ch_[0-9a-f]{32}$/);
    const { status, amount_captured, metadata } = answer.body;
    assert.deepEqual([status, amount_captured, metadata], ["captured", 1999, body.metadata]);
  });

  it("200: authorizes alone when no capture is asked for", async () => {
    const answer = await sandbox.post("/v1/charges", chargeBody("pm_card_visa", { capture: false }), fresh("key"));
    assert.deepEqual([answer.body.status, answer.body.amount_captured], ["authorized", 0]);
  });

  it("200: a decline is an answer with its codes", async () => {
    const answer = await sandbox.post(
      "/v1/charges",
      chargeBody("pm_card_chargeDeclinedInsufficientFunds"),
      fresh("key"),
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.body.status, "declined");
    assert.deepEqual(answer.body.decline, { code: "card_declined", decline_code: "insufficient_funds" });
  });

  it("200: the largest amount there is", async () => {
    const answer = await sandbox.post("/v1/charges", chargeBody("pm_card_visa", { amount: 1e12 }), fresh("key"));
    assert.equal(answer.body.amount_captured, 1e12);
  });

  it("400: an amount of zero, another member, a missing key", async () => {
    for (const [body, key] of [
      [chargeBody("pm_card_visa", { amount: 0 }), fresh("key")],
      [chargeBody("pm_card_visa", { amount: 1e12 + 1 }), fresh("key")],
      [chargeBody("pm_card_visa", { amount: 1.5 }), fresh("key")],
      [chargeBody("pm_card_visa", { surprise: 1 }), fresh("key")],
      [chargeBody("pm_card_visa"), undefined],
    ] as const) {
      assert.equal((await sandbox.post("/v1/charges", body, key)).status, 400, JSON.stringify(body));
    }
  });

  it("401: without the bearer token", async () => {
    const response = await fetch(`${sandbox.url}/v1/charges`, { method: "POST", body: "{}" });
    assert.equal(response.status, 401);
    await response.body?.cancel();
  });

  it("422: a token nobody has given out; the answer is kept under its key", async () => {
    const key = fresh("key");
    const body = chargeBody("tok_00000000000000000000000000000000");
    const answer = await sandbox.post("/v1/charges", body, key);
    assert.deepEqual([answer.status, answer.body.code], [422, "unknown_payment_method"]);
    const again = await sandbox.post("/v1/charges", body, key);
    assert.deepEqual([again.status, again.body.code], [422, "unknown_payment_method"]);
  });

  it("422: a key that came before with another body", async () => {
    const key = fresh("key");
    await sandbox.post("/v1/charges", chargeBody("pm_card_visa"), key);
    const answer = await sandbox.post("/v1/charges", chargeBody("pm_card_visa"), key);
    assert.deepEqual([answer.status, answer.body.code], [422, "idempotency_key_reused"]);
  });

  it("charges a stored card by its token", async () => {
    const card = { number: "4000000000009995", exp_month: 12, exp_year: 2090, cvc: "123" };
    const { body } = await sandbox.post("/v1/tokens", { card });
    const answer = await sandbox.post("/v1/charges", chargeBody(body.token), fresh("key"));
    assert.equal(answer.body.decline.decline_code, "insufficient_funds");
  });
});
