import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { uuidv7 } from "@kassa/kernel/id";
import { createLogger } from "@kassa/platform/log";
import { startService } from "@kassa/platform/runtime";
import { createTestDatabase, type TestDatabase } from "@kassa/testing/postgres";
import pg from "pg";
import { apiKeyHash } from "../src/adapters/postgres/api-keys.ts";
import { transactionsService } from "../src/service.ts";
import { Api, paymentBody } from "./client-fixture.ts";
import { freePort, startServiceProcess } from "./process-fixture.ts";

const MIGRATORS = 4;
const ACQUIRER_TOKEN = "acquirer-token-of-tests";
const PASSWORD = "roles-of-tests-alone";
const migrateFile = fileURLToPath(new URL("../src/migrate.ts", import.meta.url));

describe("a schema whose owner is not the role that the service runs as", () => {
  let database: TestDatabase;
  let urls: { owner: string; runtime: string };

  before(async () => {
    database = await createTestDatabase();
    urls = await createRoles(database);
  });

  after(() => dropRoles(database));

  it("is migrated once by several pods that start at once", async () => {
    const runs = await Promise.all(Array.from({ length: MIGRATORS }, () => runMigrate(urls.owner)));
    for (const { code, output } of runs) assert.equal(code, 0, output);
    const applied = runs.flatMap(({ output }) => appliedOf(output)).sort();
    assert.deepEqual(applied, readdirSync(new URL("../migrations/", import.meta.url)).sort());
  });

  it("serves payments as a role that may not change it", async () => {
    const { api, running, acquirer } = await startAs(urls);
    try {
      const { status, body } = await api.post("/v1/payments", paymentBody());
      assert.equal(status, 202);
      await api.until(body.id, "completed"); // so relay, bus and worker are at work too
    } finally {
      await running.stop();
      await acquirer.kill("SIGTERM");
    }
  });

  it("gets the partitions of later months from a role that may create no table", async () => {
    await withClient(urls.runtime, async (client) => {
      await assert.rejects(client.query("create table mine (id int)"), /permission denied for schema public/);
      const { rows } = await client.query("select create_event_partitions(now() + interval '2 years', 1) as made");
      assert.equal(rows[0].made, 1);
    });
  });

  it("ends the migrator with a sentence when the role does not exist", async () => {
    const { code, output } = await runMigrate(urls.owner, { MIGRATION_RUNTIME_ROLE: "nobody_made_me" });
    assert.equal(code, 1);
    assert.match(output, /role \\"nobody_made_me\\" does not exist/);
  });

  function runMigrate(url: string, more: Readonly<Record<string, string>> = {}) {
    const env = { MIGRATION_DATABASE_URL: url, MIGRATION_RUNTIME_ROLE: roleNames(database).runtime, BUS: "postgres" };
    return runNode(migrateFile, { ...env, ...more });
  }
});

async function runNode(file: string, env: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  return { code, output };
}

function appliedOf(output: string): string[] {
  const line = output.split("\n").find((text) => text.includes('"applied"'));
  return line === undefined ? [] : JSON.parse(line).applied;
}

async function startAs({ owner, runtime }: { owner: string; runtime: string }) {
  const key = `sk_test_${"r".repeat(32)}`;
  await withClient(owner, async (client) => {
    const id = uuidv7(Date.now());
    await client.query("insert into merchants (id, name, created_at) values ($1, 'Runtime', now())", [id]);
    await client.query(
      "insert into api_keys (id, merchant_id, prefix, hash, scopes, created_at) values ($1, $1, 'sk_test_r', $2, $3, now())",
      [id, apiKeyHash(key), ["payments:read", "payments:write"]],
    );
  });
  const acquirer = await startServiceProcess("acquirer", await freePort(), {
    DATABASE_URL: (await createTestDatabase()).connectionString,
    INTERNAL_TOKEN: ACQUIRER_TOKEN,
  });
  const port = await freePort();
  const running = startService(transactionsService, {
    env: {
      DATABASE_URL: runtime,
      DATABASE_MIGRATE: "false",
      HTTP_HOST: "127.0.0.1",
      HTTP_PORT: String(port),
      IDEMPOTENCY_SECRET: "a secret of the tests, long enough for an HMAC",
      INTERNAL_TOKEN: "internal-token-of-tests",
      ACQUIRER_URL: acquirer.url,
      ACQUIRER_TOKEN,
      ACQUIRER_WEBHOOK_SECRET: `whsec_${Buffer.from("a secret of the tests alone").toString("base64")}`,
      FRAUD_URL: "http://127.0.0.1:9",
      SHUTDOWN_BOUND_MS: "5000",
    },
    log: createLogger({ service: "transactions", level: "silent" }),
  });
  await running.ready;
  return { running, acquirer, api: new Api(`http://127.0.0.1:${port}`, key) };
}

function roleNames({ name }: TestDatabase) {
  return { owner: `${name}_owner`, runtime: `${name}_runtime` };
}

async function createRoles(database: TestDatabase): Promise<{ owner: string; runtime: string }> {
  const { owner, runtime } = roleNames(database);
  await withClient(database.connectionString, async (client) => {
    for (const role of [owner, runtime]) await client.query(`create role ${role} login password '${PASSWORD}'`);
    await client.query(`alter database ${database.name} owner to ${owner}`);
    await client.query("revoke create on schema public from public");
  });
  const urlOf = (role: string) => {
    const url = new URL(database.connectionString);
    url.username = role;
    url.password = PASSWORD;
    return url.href;
  };
  return { owner: urlOf(owner), runtime: urlOf(runtime) };
}

/** Roles belong to the server, not to the database. */
async function dropRoles(database: TestDatabase): Promise<void> {
  const { owner, runtime } = roleNames(database);
  await withClient(database.connectionString, async (client) => {
    for (const role of [runtime, owner]) await client.query(`drop owned by ${role} cascade`);
    await client.query(`alter database ${database.name} owner to current_user`);
    for (const role of [runtime, owner]) await client.query(`drop role ${role}`);
  });
  await database.drop();
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
