import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import { postgresBus } from "@kassa/platform/bus/postgres";
import { migrate, type Pool } from "@kassa/platform/postgres";
import { BrokerProcess } from "@kassa/testing/broker-process";
import { createTestDatabase, type TestDatabase } from "@kassa/testing/postgres";
import { apiKeyHash } from "../../src/adapters/postgres/api-keys.ts";
import { Api, eventually } from "../client-fixture.ts";
import { freePort, type ServiceProcess, startServiceProcess } from "../process-fixture.ts";
import { createDatabase, openPool } from "./fixture.ts";
import { extractRelease, type ReleasedTree } from "./released-tree.ts";

const ACQUIRER_TOKEN = "acquirer-token-of-tests";
const INTERNAL_TOKEN = "internal-token-of-tests";
const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of the tests alone").toString("base64")}`;
const START_MS = 60_000;

let release: ReleasedTree;
let database: TestDatabase;
let pool: Pool;
let acquirer: ServiceProcess;
let fraud: ServiceProcess;
let transactions: BrokerProcess;
let api: Api;

before(async () => {
  release = extractRelease();
  database = await createDatabase();
  pool = openPool(database);
  const { connectionString } = database;
  // The bus's schema is this release's as well.
  await (await postgresBus({ connection: { connectionString } })).close();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  acquirer = await startAcquirer(url);
  fraud = await startServiceProcess("fraud", await freePort(), { INTERNAL_TOKEN, SCREENING_BUDGET_MS: "2000" });
  transactions = transactionsOf(release, port);
  await transactions.start();
  api = new Api(url, await insertMerchant(pool));
});

after(async () => {
  await transactions?.end("SIGTERM");
  await acquirer?.kill("SIGTERM");
  await fraud?.kill("SIGTERM");
  await pool?.end();
  release?.remove();
});

async function startAcquirer(transactionsUrl: string): Promise<ServiceProcess> {
  const own = await createTestDatabase();
  const folder = join(import.meta.dirname, "../../../acquirer/migrations");
  await migrate({ connectionString: own.connectionString, folder });
  return startServiceProcess("acquirer", await freePort(), {
    DATABASE_URL: own.connectionString,
    INTERNAL_TOKEN: ACQUIRER_TOKEN,
    WEBHOOK_URL: `${transactionsUrl}/v1/webhooks/acquirer`,
    WEBHOOK_SECRET,
    FAULT_COMPLETION_MS: "200",
  });
}

/** The release's own program, on the schema of the working tree. */
function transactionsOf({ folder }: ReleasedTree, port: number): BrokerProcess {
  return new BrokerProcess({
    command: process.execPath,
    args: [join(folder, "services/transactions/src/main.ts")],
    env: {
      HTTP_HOST: "127.0.0.1",
      HTTP_PORT: String(port),
      PROBE_PORT: "0",
      DATABASE_URL: database.connectionString,
      DATABASE_MIGRATE: "false",
      BUS: "postgres",
      IDEMPOTENCY_SECRET: "a secret of the tests, long enough for an HMAC",
      INTERNAL_TOKEN,
      ACQUIRER_URL: acquirer.url,
      ACQUIRER_TOKEN,
      ACQUIRER_WEBHOOK_SECRET: WEBHOOK_SECRET,
      FRAUD_URL: fraud.url,
      SCREENING_DEADLINE_MS: "5000",
      TIMER_POLL_MS: "50",
      SHUTDOWN_BOUND_MS: "5000",
    },
    logFile: join(folder, "transactions.log"),
    isReady: () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    startTimeoutMs: START_MS,
  });
}

async function insertMerchant(into: Pool): Promise<string> {
  const id: Uuid = uuidv7(Date.now());
  const key = `sk_test_${id.replaceAll("-", "")}`;
  await into.query("insert into merchants (id, name, created_at) values ($1, 'Merchant', now())", [id]);
  await into.query(
    `insert into api_keys (id, merchant_id, prefix, hash, scopes, created_at) values ($1, $1, $2, $3, $4, now())`,
    [id, key.slice(0, 12), apiKeyHash(key), ["payments:read", "payments:write"]],
  );
  return key;
}

test("the schema is the working tree's", async () => {
  const { rows } = await pool.query("select name from schema_migrations order by name");
  const files = readdirSync(join(import.meta.dirname, "../../migrations")).sort();
  assert.deepEqual(
    rows.map(({ name }) => name),
    files,
  );
});

test("the previous release takes a payment to completed and refunds it on this release's schema", async (t) => {
  t.diagnostic(`the release is ${release.revision}`);
  const paid = await api.pay();
  assert.deepEqual([paid.status, paid.body.status], [202, "completed"], paid.text);
  const refund = await api.post(`/v1/payments/${paid.body.id}/refunds`, { amount: 500 });
  assert.equal(refund.status, 202, refund.text);
  const refunded = await eventually(async () => {
    const { body } = await api.get(`/v1/payments/${paid.body.id}`);
    return body.amount_refunded === 500 && body;
  });
  assert.equal(refunded.status, "completed");
});

test("the previous release captures in part, cancels and declines on this release's schema", async () => {
  const [manual, other] = await Promise.all([api.pay({ capture: "manual" }), api.pay({ capture: "manual" })]);
  assert.deepEqual([manual.body.status, other.body.status], ["authorized", "authorized"]);
  await api.post(`/v1/payments/${manual.body.id}/capture`, { amount: 700 });
  await api.post(`/v1/payments/${other.body.id}/cancel`, {});
  const captured = await api.until(manual.body.id, "completed");
  assert.equal(captured.body.amount_captured, 700);
  await api.until(other.body.id, "canceled");
  const declined = await api.pay({ payment_method: "pm_card_chargeDeclined" });
  assert.equal(declined.body.status, "failed");
});

test("what the previous release wrote balances, and its outbox is published", async () => {
  await eventually(async () => (await pool.query("select 1 from outbox")).rows.length === 0);
  const { rows } = await pool.query(`
    select (select sum(credits - debits) from ledger_balances)::int as net, (select count(*) from events)::int as events,
      (select versions_published from outbox_progress)::int as published`);
  assert.equal(rows[0].net, 0);
  assert.equal(rows[0].published, rows[0].events);
});
