import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chargeBody, createDatabase, fresh, type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox(await createDatabase());
});
after(() => sandbox.stop());

describe("GET /v1/operations/{id}", () => {
  it("200: what became of an operation, of a decline with its codes", async () => {
    const made = chargeBody("pm_card_visa");
    const { body: charge } = await sandbox.post("/v1/charges", made, fresh("key"));
    const found = await sandbox.get(`/v1/operations/${made.metadata.operation_id}`);
    assert.deepEqual([found.status, found.body], [200, { kind: "authorize", result: "succeeded", id: charge.id }]);

    const declined = chargeBody("pm_card_chargeDeclinedLostCard");
    await sandbox.post("/v1/charges", declined, fresh("key"));
    const { body } = await sandbox.get(`/v1/operations/${declined.metadata.operation_id}`);
    assert.deepEqual([body.result, body.code, body.decline_code], ["failed", "card_declined", "lost_card"]);
  });

  it("404: no such operation", async () => {
    assert.equal((await sandbox.get("/v1/operations/op-none")).status, 404);
  });
});

describe("GET /v1/settlement", () => {
  it("200: pages that together hold every capture and refund once, in order", async () => {
    const { body: charge } = await sandbox.post("/v1/charges", chargeBody("pm_card_visa"), fresh("key"));
    const metadata = { operation_id: fresh("op") };
    await sandbox.post(`/v1/charges/${charge.id}/refunds`, { amount: 99, metadata }, fresh("key"));
    await sandbox.post("/v1/charges", chargeBody("pm_card_chargeDeclined"), fresh("key"));
    await sandbox.post("/v1/charges", chargeBody("pm_card_visa", { capture: false }), fresh("key"));
    const seen: { id: string; kind: string; charge: string; amount: number; operation_id: string }[] = [];
    for (let after = "", hasMore = true; hasMore; after = `&starting_after=${seen.at(-1)?.id}`) {
      const { status, body } = await sandbox.get(`/v1/settlement?limit=1${after}`);
      assert.equal(status, 200);
      seen.push(...body.data);
      hasMore = body.has_more;
    }
    assert.deepEqual(
      seen.map(({ id }) => id),
      seen.map(({ id }) => id).toSorted(),
    );
    const own = seen.filter((line) => line.charge === charge.id);
    assert.deepEqual(
      own.map(({ kind, amount }) => [kind, amount]),
      [
        ["capture", 1999],
        ["refund", 99],
      ],
    );
    assert.deepEqual(
      own.map((line) => line.operation_id),
      [charge.metadata.operation_id, metadata.operation_id],
    );
  });

  it("400: a limit out of range, a cursor that is none", async () => {
    assert.equal((await sandbox.get("/v1/settlement?limit=0")).status, 400);
    assert.equal((await sandbox.get("/v1/settlement?starting_after=ch_1")).status, 400);
  });
});
