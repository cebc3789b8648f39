import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { TestDatabase } from "@kassa/testing/postgres";
import pg from "pg";
import { chargeBody, createDatabase, eventually, fresh, type Sandbox, startSandbox } from "./sandbox.ts";
import { startWebhookReceiver, WEBHOOK_SECRET, type WebhookReceiver } from "./webhook-receiver.ts";

describe("webhooks", () => {
  let merchant: WebhookReceiver;
  let database: TestDatabase;
  const running: Sandbox[] = [];
  before(async () => {
    merchant = await startWebhookReceiver();
    database = await createDatabase();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((sandbox) => sandbox.stop()));
    merchant.refusals.length = 0;
  });
  after(() => merchant.close());

  async function start(env: Record<string, string>): Promise<Sandbox> {
    const sandbox = await startSandbox(database, { WEBHOOK_URL: merchant.url, WEBHOOK_SECRET, ...env });
    running.push(sandbox);
    return sandbox;
  }

  function arrived(operationId: string) {
    return merchant.received.filter(({ webhook }) => webhook.data.operation_id === operationId);
  }

  async function waiting(): Promise<{ attempts: number; gave_up: boolean; last_error: string | null }[]> {
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    const { rows } = await client.query(
      "select attempts, gave_up_at is not null as gave_up, last_error from webhooks order by id, copy",
    );
    await client.end();
    return rows;
  }

  it("mode asynchronous: plain cards send none", async () => {
    const sandbox = await start({});
    const body = chargeBody("pm_card_visa");
    await sandbox.post("/v1/charges", body, fresh("key"));
    assert.deepEqual([arrived(body.metadata.operation_id).length, (await waiting()).length], [0, 0]);
  });

  it("mode all: every finished operation sends one, signed, declines too", async () => {
    const sandbox = await start({ WEBHOOK_MODE: "all" });
    const declined = chargeBody("pm_card_chargeDeclined");
    await sandbox.post("/v1/charges", declined, fresh("key"));
    const { body: charge } = await sandbox.post(
      "/v1/charges",
      chargeBody("pm_card_visa", { capture: false }),
      fresh("key"),
    );
    const metadata = { operation_id: fresh("op") };
    await sandbox.post(`/v1/charges/${charge.id}/capture`, { amount: 10, metadata }, fresh("key"));
    const refund = { amount: 4, metadata: { operation_id: fresh("op") } };
    await sandbox.post(`/v1/charges/${charge.id}/refunds`, refund, fresh("key"));
    const expected = [
      [declined.metadata.operation_id, "authorize", "failed", 1999, "generic_decline"],
      [charge.metadata.operation_id, "authorize", "succeeded", 1999, undefined],
      [metadata.operation_id, "capture", "succeeded", 10, undefined],
      [refund.metadata.operation_id, "refund", "succeeded", 4, undefined],
    ];
    for (const [operationId, ...told] of expected) {
      const { webhook } = await eventually(async () => arrived(String(operationId))[0]);
      const { kind, result, amount, decline_code } = webhook.data;
      assert.deepEqual([kind, result, amount, decline_code], told);
    }
    await eventually(async () => (await waiting()).length === 0);
  });

  it("are delivered again, later each time, until the merchant answers 2xx", async () => {
    const sandbox = await start({});
    merchant.refusals.push(500, 503, 302);
    const body = chargeBody("pm_card_fault_webhookOnly");
    await sandbox.post("/v1/charges", body, fresh("key"));
    await eventually(async () => arrived(body.metadata.operation_id).length === 1);
    assert.equal(merchant.refusals.length, 0);
    await eventually(async () => (await waiting()).length === 0);
  });

  it("give up after the bound of attempts and stay for a person to see", async () => {
    const sandbox = await start({ WEBHOOK_MAX_ATTEMPTS: "2" });
    merchant.refusals.push(500, 500, 500, 500);
    const body = chargeBody("pm_card_fault_webhookOnly");
    await sandbox.post("/v1/charges", body, fresh("key"));
    const rows = await eventually(async () => {
      const seen = await waiting();
      return seen.some(({ gave_up }) => gave_up) && seen;
    });
    assert.deepEqual(rows, [{ attempts: 2, gave_up: true, last_error: "the merchant answered 500" }]);
  });

  it("that fell due while the acquirer was down are delivered after its start", async () => {
    const first = await start({ FAULT_COMPLETION_MS: "300" });
    const body = chargeBody("pm_card_fault_webhookOnly");
    await first.post("/v1/charges", body, fresh("key"));
    await first.stop();
    assert.equal(arrived(body.metadata.operation_id).length, 0);
    await start({});
    await eventually(async () => arrived(body.metadata.operation_id).length === 1);
  });

  it("a URL without a secret is refused at start", async () => {
    await assert.rejects(startSandbox(database, { WEBHOOK_URL: merchant.url }), /WEBHOOK_SECRET is not/);
  });
});
