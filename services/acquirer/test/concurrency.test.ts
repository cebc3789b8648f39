import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chargeBody, createDatabase, fresh, type Sandbox, startSandbox } from "./sandbox.ts";

describe("two acquirers on one database", () => {
  let sandboxes: [Sandbox, Sandbox];
  before(async () => {
    const database = await createDatabase();
    sandboxes = [await startSandbox(database), await startSandbox(database)];
  });
  after(() => Promise.all(sandboxes.map((sandbox) => sandbox.stop())));

  const either = (index: number) => sandboxes[index % 2] as Sandbox;

  it("50 identical requests at once make one charge and get 50 equal answers", async () => {
    const body = chargeBody("pm_card_visa");
    const key = fresh("key");
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => either(index).post("/v1/charges", body, key)),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true").length, 49);
    const { body: report } = await either(0).get("/v1/settlement?limit=10000");
    const { operation_id } = body.metadata;
    assert.equal(report.data.filter((line: { operation_id: string }) => line.operation_id === operation_id).length, 1);
  });

  it("one key with two bodies at once: one is made, the other is 422", async () => {
    const key = fresh("key");
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => either(index).post("/v1/charges", chargeBody("pm_card_visa"), key)),
    );
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array(19).fill(422)]);
  });

  it("refunds through both never give back more than was captured", async () => {
    const { body: charge } = await either(0).post(
      "/v1/charges",
      chargeBody("pm_card_visa", { amount: 1000 }),
      fresh("key"),
    );
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        either(index).post(
          `/v1/charges/${charge.id}/refunds`,
          { amount: 100, metadata: { operation_id: fresh("op") } },
          fresh("key"),
        ),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 10);
  });

  it("captures and voids through both: each charge ends one way", async () => {
    for (let round = 0; round < 10; round += 1) {
      const body = chargeBody("pm_card_visa", { capture: false });
      const { body: charge } = await either(round).post("/v1/charges", body, fresh("key"));
      const metadata = { operation_id: fresh("op") };
      const answers = await Promise.all([
        either(0).post(`/v1/charges/${charge.id}/capture`, { amount: 1999, metadata }, fresh("key")),
        either(1).post(`/v1/charges/${charge.id}/void`, { metadata }, fresh("key")),
      ]);
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
    }
  });

  it("a reader that follows the settlement report while both write skips no line", async () => {
    const seen: string[] = [];
    let isWriting = true;
    const read = async () => {
      for (let idle = 0; idle < 2; ) {
        const after = seen.length === 0 ? "" : `&starting_after=${seen.at(-1)}`;
        const { body } = await either(0).get(`/v1/settlement?limit=7${after}`);
        seen.push(...body.data.map(({ id }: { id: string }) => id));
        if (body.data.length === 0 && !isWriting) idle += 1;
      }
    };
    const write = async (writer: number) => {
      for (let n = 0; n < 25; n += 1)
        await either(writer).post("/v1/charges", chargeBody("pm_card_visa"), fresh("key"));
    };
    const reader = read();
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    isWriting = false;
    await reader;
    const { body } = await either(0).get("/v1/settlement?limit=10000");
    assert.deepEqual(
      seen,
      body.data.map(({ id }: { id: string }) => id),
    );
    assert.deepEqual(
      seen.map(Number),
      seen.map((_, index) => index + 1),
    );
  });
});
