import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Api, fresh, paymentBody } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

const CLIENTS = 32;
const BURST_MS = 250;
/** As many kills at most until one has hit between a commit and its answer. */
const MAX_KILLS = 8;

type Sent = { readonly key: string; text: string | undefined };

describe("SIGKILL between commit and answer", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments({ asProcess: true, env: { LOG_LEVEL: "silent" } });
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  it("a retry gets the original: every key, answered or not, has made exactly one payment, charged once", async () => {
    const sent: Sent[] = [];
    let committedUnanswered = 0;
    for (let kills = 0; kills < MAX_KILLS && committedUnanswered === 0; kills += 1) {
      const before = sent.length;
      const burst = clients(sent);
      await sleep(BURST_MS);
      await fixture.process?.kill();
      await burst;
      await fixture.process?.start();
      for (const one of sent.slice(before).filter(({ text }) => text === undefined)) {
        const again = await api.post("/v1/payments", bodyOf(one), { key: one.key });
        assert.equal(again.status, 202);
        one.text = again.text;
        if (again.headers.get("idempotent-replayed") === "true") committedUnanswered += 1;
      }
    }
    assert.ok(committedUnanswered > 0, "no kill hit between a commit and its answer");
    for (const one of sent.filter((_, index) => index % 10 === 0)) {
      assert.equal((await api.post("/v1/payments", bodyOf(one), { key: one.key })).text, one.text);
    }
    await onePaymentForEach(sent);
  });

  async function onePaymentForEach(sent: readonly Sent[]): Promise<void> {
    const ids = sent.map(({ text }) => JSON.parse(text ?? "").id as string);
    await Promise.all(ids.map((id) => api.until(id, "completed")));
    const { rows } = await fixture.pool.query<{ reference: string; operation_id: string }>(
      "select p.reference, o.id as operation_id from payments p join operations o on o.payment_id = p.id",
    );
    assert.deepEqual(rows.map(({ reference }) => reference).sort(), sent.map(({ key }) => key).sort());
    const charged = (await fixture.settlement()).map(({ operation_id }) => operation_id);
    assert.deepEqual(charged.sort(), rows.map(({ operation_id }) => operation_id).sort());
  }

  function clients(sent: Sent[]): Promise<unknown> {
    return Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        for (;;) {
          const one: Sent = { key: fresh("key"), text: undefined };
          sent.push(one);
          const answer = await api.post("/v1/payments", bodyOf(one), { key: one.key }).catch(() => undefined);
          if (answer === undefined) return;
          assert.equal(answer.status, 202);
          one.text = answer.text;
        }
      }),
    );
  }
});

function bodyOf({ key }: Sent) {
  return paymentBody({ reference: key });
}
