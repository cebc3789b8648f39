import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chargeBody, createDatabase, eventually, fresh, type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox(await createDatabase());
});
after(() => sandbox.stop());

async function charge(capture: boolean, token = "pm_card_visa"): Promise<string> {
  return (await sandbox.post("/v1/charges", chargeBody(token, { capture }), fresh("key"))).body.id;
}

function act(id: string, action: "capture" | "void" | "refunds", amount?: number, key = fresh("key")) {
  const metadata = { operation_id: fresh("op") };
  return sandbox.post(`/v1/charges/${id}/${action}`, amount === undefined ? { metadata } : { amount, metadata }, key);
}

describe("POST /v1/charges/{id}/capture", () => {
  it("200: the whole amount, or a part whose rest is released", async () => {
    const { status, body } = await act(await charge(false), "capture", 1999);
    assert.deepEqual([status, body.status, body.amount_captured], [200, "captured", 1999]);
    const part = await act(await charge(false), "capture", 5);
    assert.deepEqual([part.body.status, part.body.amount_captured], ["captured", 5]);
  });

  it("404: no such charge", async () => {
    assert.equal((await act("ch_none", "capture", 1)).body.code, "not_found");
  });

  it("409: a second capture, and a capture of what was voided or declined", async () => {
    const captured = await charge(true);
    const voided = await charge(false);
    await act(voided, "void");
    for (const id of [captured, voided, await charge(false, "pm_card_chargeDeclined")]) {
      const { status, body } = await act(id, "capture", 1);
      assert.deepEqual([status, body.code], [409, "invalid_state"]);
    }
  });

  it("422: more than was authorized; less can still be captured", async () => {
    const id = await charge(false);
    const { status, body } = await act(id, "capture", 2000);
    assert.deepEqual([status, body.code], [422, "amount_too_large"]);
    assert.equal((await act(id, "capture", 1999)).status, 200);
  });

  it("422: a key that came before on another charge", async () => {
    const key = fresh("key");
    await act(await charge(false), "capture", 1, key);
    assert.equal((await act(await charge(false), "capture", 1, key)).body.code, "idempotency_key_reused");
  });

  it("one of 20 captures at once is made", async () => {
    const id = await charge(false);
    const answers = await Promise.all(Array.from({ length: 20 }, () => act(id, "capture", 100)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status }) => status === 409).length, 19);
  });
});

describe("POST /v1/charges/{id}/void", () => {
  it("200: releases an authorization", async () => {
    const { status, body } = await act(await charge(false), "void");
    assert.deepEqual([status, body.status], [200, "voided"]);
  });

  it("404: no such charge", async () => {
    assert.equal((await act("ch_none", "void")).status, 404);
  });

  it("409: what was captured cannot be voided", async () => {
    assert.equal((await act(await charge(true), "void")).body.code, "invalid_state");
  });
});

describe("POST /v1/charges/{id}/refunds", () => {
  it("200: many parts, together at most what was captured", async () => {
    const id = await charge(true);
    const first = await act(id, "refunds", 1000);
    assert.deepEqual([first.status, first.body.status, first.body.amount], [200, "succeeded", 1000]);
    assert.match(first.body.id, /^rf_/);
    assert.equal((await act(id, "refunds", 999)).status, 200);
    assert.equal((await act(id, "refunds", 1)).body.code, "amount_too_large");
  });

  it("404: no such charge", async () => {
    assert.equal((await act("ch_none", "refunds", 1)).status, 404);
  });

  it("409: nothing was captured", async () => {
    assert.equal((await act(await charge(false), "refunds", 1)).body.code, "invalid_state");
  });

  it("422: more than is left", async () => {
    assert.equal((await act(await charge(true), "refunds", 2000)).status, 422);
  });

  it("of 30 refunds at once as many are made as the amount covers", async () => {
    const id = await charge(true);
    const answers = await Promise.all(Array.from({ length: 30 }, () => act(id, "refunds", 100)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 19);
    assert.equal(answers.filter(({ status }) => status === 422).length, 11);
  });

  it("a pending refund reserves its amount, and gives it back when it fails", async () => {
    const id = await charge(true, "pm_card_refundFail");
    const operation_id = fresh("op");
    const refund = { amount: 1999, metadata: { operation_id } };
    assert.equal((await sandbox.post(`/v1/charges/${id}/refunds`, refund, fresh("key"))).body.status, "pending");
    assert.equal((await act(id, "refunds", 1)).status, 422);
    const ended = await eventually(async () => {
      const { body } = await sandbox.get(`/v1/operations/${operation_id}`);
      return body.result === "failed" && body;
    });
    assert.equal(ended.code, "expired_or_canceled_card");
    assert.equal((await act(id, "refunds", 1999)).status, 200);
  });
});
