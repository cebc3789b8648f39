import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { uuidv7 } from "@kassa/kernel/id";
import { Webhook } from "standardwebhooks";
import { type Answer, Api, eventually, fresh, paymentBody } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments, WEBHOOK_SECRET } from "../payments-fixture.ts";

const PATH = "/v1/webhooks/acquirer";
const STALE_S = 6 * 60;

type Sending = {
  readonly id?: string;
  readonly atMs?: number;
  readonly secret?: string;
  readonly path?: string;
  readonly without?: string;
};

describe("POST /v1/webhooks/{provider}", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  let provider: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
    provider = new Api(fixture.url);
  });
  after(() => fixture.stop());

  function send(body: unknown, sending: Sending = {}): Promise<Answer> {
    const { id = fresh("msg"), atMs = Date.now(), secret = WEBHOOK_SECRET, path = PATH, without } = sending;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers: Record<string, string> = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(atMs / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, new Date(atMs), text),
    };
    if (without !== undefined) delete headers[without];
    return provider.post(path, text, { key: null, headers });
  }

  /** A payment whose provider will never say how it ended, and the operation that waits for it. */
  async function waiting(): Promise<{ id: string; operationId: string }> {
    const body = paymentBody({ payment_method: "pm_card_fault_webhookNever" });
    const { id } = (await api.post("/v1/payments", body)).body;
    const operationId = await eventually(async () => {
      const sql = "select id from operations where payment_id = $1 and outcome = 'unknown'";
      return (await fixture.pool.query(sql, [id.slice(4)])).rows[0]?.id;
    });
    return { id, operationId };
  }

  async function eventTypes(id: string): Promise<readonly string[]> {
    const { body } = await api.get(`/v1/payments/${id}/events`);
    return body.data.map(({ type }: { type: string }) => type);
  }

  it("204 settles the operation that the webhook names", async () => {
    const { id, operationId } = await waiting();
    const answer = await send(webhook(operationId));
    assert.deepEqual([answer.status, answer.text], [204, ""]);
    assert.equal((await api.until(id, "completed")).body.amount_captured, 1999);
  });

  it("204 settles a failure with its codes", async () => {
    const { id, operationId } = await waiting();
    await send(webhook(operationId, { result: "failed", code: "card_declined", decline_code: "lost_card" }));
    const { body } = await api.until(id, "failed");
    assert.deepEqual(body.last_error, { code: "card_declined", decline_code: "lost_card" });
  });

  it("204 for a webhook that comes ten times at once, which settles once", async () => {
    const { id, operationId } = await waiting();
    const once = { id: fresh("msg") };
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(webhook(operationId), once)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([204]));
    await api.until(id, "completed");
    await send(webhook(operationId), once);
    const types = await eventTypes(id);
    assert.equal(types.filter((type) => type === "payment.completed").length, 1);
    const { rows } = await fixture.pool.query("select from ledger_transfers where payment_id = $1", [id.slice(4)]);
    assert.equal(rows.length, 1);
  });

  it("204 for a second webhook that contradicts the first: what is settled stays", async () => {
    const { id, operationId } = await waiting();
    await send(webhook(operationId));
    await api.until(id, "completed");
    const late = fresh("msg");
    assert.equal((await send(webhook(operationId, { result: "failed", code: "late" }), { id: late })).status, 204);
    await eventually(async () => {
      const sql = "select from inbox where message_id like '%' || $1 and consumer = 'transactions.worker'";
      return (await fixture.pool.query(sql, [late])).rowCount === 1;
    });
    assert.equal((await api.get(`/v1/payments/${id}`)).body.status, "completed");
  });

  it("204 parks what names no operation yet, and settles it when the operation is there", async () => {
    const { id, operationId } = await waiting();
    const early = uuidv7(Date.now());
    assert.equal((await send(webhook(early))).status, 204);
    const parked = async () =>
      (await fixture.pool.query("select from parked_webhooks where operation_id = $1", [early])).rowCount;
    assert.equal(await parked(), 1);
    // As if the webhook had overtaken the commit of its operation: stream and row get the early id.
    await fixture.pool.query(
      "update events set data = replace(data::text, $2, $3)::jsonb where stream_id = $1 and data::text like '%' || $2 || '%'",
      [id.slice(4), operationId, early],
    );
    await fixture.pool.query("update operations set id = $2 where id = $1", [operationId, early]);
    await api.until(id, "completed");
    assert.equal(await parked(), 0);
  });

  it("204 takes the tenant from the operation: a body cannot move a webhook to another payment", async () => {
    const { id, operationId } = await waiting();
    const { body: other } = await fixture.stranger.api.post(
      "/v1/payments",
      paymentBody({ payment_method: "pm_card_fault_webhookNever" }),
    );
    await send({ ...webhook(operationId), merchant_id: fixture.stranger.id, payment_id: other.id });
    await api.until(id, "completed");
    assert.notEqual((await fixture.stranger.api.get(`/v1/payments/${other.id}`)).body.status, "completed");
  });

  it("204 notes what no operation waits for: a dispute, and an operation id that is none of ours", async () => {
    assert.equal((await send(webhook(uuidv7(Date.now()), { kind: "dispute" }))).status, 204);
    assert.equal((await send(webhook("somebody-else's"))).status, 204);
  });

  it("401 signature_invalid for a wrong secret, a changed body, a missing header and a stale timestamp", async () => {
    const { id, operationId } = await waiting();
    const wrong = `whsec_${Buffer.from("a secret of somebody else").toString("base64")}`;
    const refused = [
      await send(webhook(operationId), { secret: wrong }),
      await send(webhook(operationId), { without: "webhook-signature" }),
      await send(webhook(operationId), { without: "webhook-id" }),
      await send(webhook(operationId), { without: "webhook-timestamp" }),
      await send(webhook(operationId), { atMs: Date.now() - STALE_S * 1000 }),
      await send(webhook(operationId), { atMs: Date.now() + STALE_S * 1000 }),
      await changed(webhook(operationId)),
      await provider.post(PATH, webhook(operationId), {
        key: null,
        headers: { authorization: `Bearer ${fixture.merchant.key}` },
      }),
    ];
    for (const { status, body } of refused) assert.deepEqual([status, body.code], [401, "signature_invalid"]);
    assert.equal((await api.get(`/v1/payments/${id}`)).body.status, "processing");
    const { rows } = await fixture.pool.query("select from parked_webhooks where operation_id = $1", [operationId]);
    assert.equal(rows.length, 0);
  });

  function changed(body: ReturnType<typeof webhook>): Promise<Answer> {
    const [id, at, text] = [fresh("msg"), new Date(), JSON.stringify(body)];
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(WEBHOOK_SECRET).sign(id, at, text),
    };
    return provider.post(PATH, text.replace("1999", "9999"), { key: null, headers });
  }

  it("404 for a provider that is not configured, though the signature is right", async () => {
    const { operationId } = await waiting();
    const answer = await send(webhook(operationId), { path: "/v1/webhooks/stripe" });
    assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
  });

  it("400 for a signed body that is no JSON or of an unknown shape", async () => {
    const text = await send("{");
    assert.deepEqual([text.status, text.body.code], [400, "invalid_json"]);
    const shape = await send({ type: "charge.updated", data: {} });
    assert.deepEqual([shape.status, shape.body.code], [400, "invalid_request"]);
  });
});

function webhook(operationId: string, data: Readonly<Record<string, unknown>> = {}) {
  return {
    type: "charge.updated",
    timestamp: new Date().toISOString(),
    data: {
      operation_id: operationId,
      kind: "authorize",
      result: "succeeded",
      id: `ch_${randomUUID().replaceAll("-", "")}`,
      amount: 1999,
      currency: "EUR",
      ...data,
    },
  };
}
