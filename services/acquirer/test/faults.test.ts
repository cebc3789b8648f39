import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { behaviourNamed } from "../src/domain/behaviour.ts";
import { testCards } from "../src/domain/test-cards.ts";
import { chargeBody, createDatabase, eventually, fresh, type Sandbox, startSandbox } from "./sandbox.ts";
import { startWebhookReceiver, WEBHOOK_SECRET, type WebhookReceiver } from "./webhook-receiver.ts";

let sandbox: Sandbox;
let merchant: WebhookReceiver;
before(async () => {
  merchant = await startWebhookReceiver();
  const env = { WEBHOOK_URL: merchant.url, WEBHOOK_SECRET };
  sandbox = await startSandbox(await createDatabase(), env);
});
after(async () => {
  await sandbox.stop();
  await merchant.close();
});

const CLIENT_TIMEOUT_MS = 150;

function charge(token: string, more: Record<string, unknown> = {}) {
  const body = chargeBody(token, more);
  const key = fresh("key");
  return {
    operationId: body.metadata.operation_id,
    send: (timeoutMs?: number) => sandbox.post("/v1/charges", body, key, timeoutMs),
  };
}

async function lineCount(operationId: string): Promise<number> {
  const { body } = await sandbox.get("/v1/settlement?limit=10000");
  return body.data.filter((line: { operation_id: string }) => line.operation_id === operationId).length;
}

function webhooksOf(operationId: string) {
  return merchant.received.filter(({ webhook }) => webhook.data.operation_id === operationId);
}

function arrivedWebhooks(operationId: string, count = 1) {
  return eventually(async () => webhooksOf(operationId).length >= count && webhooksOf(operationId));
}

function lookUp(operationId: string) {
  return sandbox.get(`/v1/operations/${operationId}`);
}

describe("plain test cards", () => {
  for (const card of testCards) {
    const behaviour = behaviourNamed(card.behaviour);
    const { authorize } = behaviour;
    if (card.token.includes("_fault_") || authorize.kind === "approve_later") continue;
    it(`${card.token}: ${behaviour.summary}`, async () => {
      const number = card.number;
      const made = await sandbox.post("/v1/tokens", { card: { number, exp_month: 1, exp_year: 2090, cvc: "999" } });
      for (const token of [card.token, made.body.token]) {
        const { status, body } = await charge(token).send();
        const decline: unknown = authorize.kind === "decline" && {
          code: authorize.code,
          decline_code: authorize.declineCode,
        };
        assert.equal(status, 200);
        assert.deepEqual([body.status, body.decline], decline ? ["declined", decline] : ["captured", null]);
      }
    });
  }
});

describe("fault cards", () => {
  it("timeoutAfterCharge: the charge is made once, its answer never comes, the key gives it", async () => {
    const { send, operationId } = charge("pm_card_fault_timeoutAfterCharge");
    await assert.rejects(send(CLIENT_TIMEOUT_MS), { name: "TimeoutError" });
    assert.equal((await lookUp(operationId)).body.result, "succeeded");
    const again = await send();
    assert.deepEqual([again.status, again.body.status], [200, "captured"]);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(await lineCount(operationId), 1);
  });

  it("errorAfterCharge: the charge is made once, its answer is 500, the key gives it", async () => {
    const { send, operationId } = charge("pm_card_fault_errorAfterCharge");
    assert.equal((await send()).status, 500);
    assert.deepEqual([(await send()).body.status, await lineCount(operationId)], ["captured", 1]);
  });

  it("lateLookup: look-up says 404 and a re-sent request 409, and then both show the one charge", async () => {
    const { send, operationId } = charge("pm_card_fault_lateLookup");
    assert.equal((await send()).status, 500);
    assert.equal((await lookUp(operationId)).status, 404);
    const early = await send();
    assert.deepEqual([early.status, early.body.code], [409, "idempotency_in_flight"]);
    assert.ok(Number(early.headers.get("retry-after")) >= 1);
    assert.equal(webhooksOf(operationId).length, 0);
    const found = await eventually(async () => {
      const answer = await lookUp(operationId);
      return answer.status === 200 && answer.body;
    });
    const late = await send();
    assert.deepEqual([late.body.status, late.body.id, await lineCount(operationId)], ["captured", found.id, 1]);
    await arrivedWebhooks(operationId);
  });

  it("slow: the charge is made at once, its answer takes its time", async () => {
    const { send, operationId } = charge("pm_card_fault_slow");
    const startedAt = performance.now();
    const answer = send();
    await eventually(async () => (await lookUp(operationId)).status === 200);
    assert.equal((await answer).body.status, "captured");
    assert.ok(performance.now() - startedAt >= 290);
  });

  it("webhookBeforeAnswer: the webhook is delivered before the answer", async () => {
    const { send, operationId } = charge("pm_card_fault_webhookBeforeAnswer");
    await send();
    assert.deepEqual(
      webhooksOf(operationId).map(({ webhook }) => webhook.data.result),
      ["succeeded"],
    );
  });

  it("webhookTwice: the same message comes twice", async () => {
    const { send, operationId } = charge("pm_card_fault_webhookTwice");
    await send();
    const [first, second] = await arrivedWebhooks(operationId, 2);
    assert.deepEqual(first?.webhook, second?.webhook);
    assert.equal(first?.id, second?.id);
  });

  for (const capture of [true, false]) {
    it(`webhookOnly: pending, and then a webhook tells of success (capture: ${capture})`, async () => {
      const { send, operationId } = charge("pm_card_fault_webhookOnly", { capture });
      const { body } = await send();
      assert.equal(body.status, "pending");
      assert.deepEqual([(await lookUp(operationId)).body.result, await lineCount(operationId)], ["pending", 0]);
      const [arrived] = await arrivedWebhooks(operationId);
      assert.deepEqual(arrived?.webhook.data, {
        operation_id: operationId,
        kind: "authorize",
        result: "succeeded",
        id: body.id,
        amount: 1999,
        currency: "EUR",
      });
      assert.equal((await lookUp(operationId)).body.result, "succeeded");
      assert.equal(await lineCount(operationId), capture ? 1 : 0);
    });
  }

  it("webhookNever: pending for ever, nothing is charged", async () => {
    const { send, operationId } = charge("pm_card_fault_webhookNever");
    assert.equal((await send()).body.status, "pending");
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await lookUp(operationId)).body.result, "pending");
    assert.deepEqual([webhooksOf(operationId).length, await lineCount(operationId)], [0, 0]);
  });

  it("captureTimeout and refundTimeout: made once, the answer never comes, the key gives it", async () => {
    for (const [token, action] of [
      ["pm_card_fault_captureTimeout", "capture"],
      ["pm_card_fault_refundTimeout", "refunds"],
    ]) {
      const { body: made } = await charge(String(token), { capture: action === "refunds" }).send();
      const operation_id = fresh("op");
      const key = fresh("key");
      const send = (timeoutMs?: number) =>
        sandbox.post(`/v1/charges/${made.id}/${action}`, { amount: 7, metadata: { operation_id } }, key, timeoutMs);
      await assert.rejects(send(CLIENT_TIMEOUT_MS), { name: "TimeoutError" });
      assert.deepEqual([(await send()).status, await lineCount(operation_id)], [200, 1]);
    }
  });

  it("refunds: fail at once, fail later, succeed later", async () => {
    for (const [token, first, last, lines] of [
      ["pm_card_fault_refundFailAtOnce", "failed", "failed", 0],
      ["pm_card_refundFail", "pending", "failed", 0],
      ["pm_card_pendingRefund", "pending", "succeeded", 1],
    ] as const) {
      const { body: made } = await charge(token).send();
      const operation_id = fresh("op");
      const refund = { amount: 1999, metadata: { operation_id } };
      const { body } = await sandbox.post(`/v1/charges/${made.id}/refunds`, refund, fresh("key"));
      assert.equal(body.status, first);
      await eventually(async () => (await lookUp(operation_id)).body.result === last);
      assert.equal(await lineCount(operation_id), lines);
      if (first === "failed") continue;
      const [arrived] = await arrivedWebhooks(operation_id);
      assert.deepEqual([arrived?.webhook.type, arrived?.webhook.data.result], ["refund.updated", last]);
    }
  });

  it("createDispute: a webhook tells of the dispute after the capture", async () => {
    const { send, operationId } = charge("pm_card_createDispute");
    await send();
    const [arrived] = await arrivedWebhooks(operationId);
    assert.deepEqual([arrived?.webhook.type, arrived?.webhook.data.amount], ["dispute.opened", 1999]);
  });

  it("an answer that is held is let go when the acquirer stops", async () => {
    const other = await startSandbox(await createDatabase());
    const answer = other.post("/v1/charges", chargeBody("pm_card_fault_timeoutAfterCharge"), fresh("key"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = performance.now();
    assert.equal(await other.stop(), true);
    assert.equal((await answer).status, 500);
    assert.ok(performance.now() - startedAt < 2_000);
  });

  it("beyond the bound of held answers the answer is 500 at once", async () => {
    const other = await startSandbox(await createDatabase(), { FAULT_MAX_HELD: "1" });
    const first = other.post("/v1/charges", chargeBody("pm_card_fault_timeoutAfterCharge"), fresh("key"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = await other.post("/v1/charges", chargeBody("pm_card_fault_timeoutAfterCharge"), fresh("key"));
    assert.equal(second.status, 500);
    await other.stop();
    await first;
  });
});
