import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Clock } from "@kassa/kernel/clock";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import { createLogger } from "@kassa/platform/log";
import { createPool, migrate, type Pool } from "@kassa/platform/postgres";
import { startService } from "@kassa/platform/runtime";
import { createTestDatabase, type TestDatabase, templateKey } from "@kassa/testing/postgres";
import { apiKeyHash } from "../src/adapters/postgres/api-keys.ts";
import { transactionsService } from "../src/service.ts";
import { Api } from "./client-fixture.ts";
import { freePort, type ServiceProcess, startServiceProcess } from "./process-fixture.ts";

export const ACQUIRER_TOKEN = "acquirer-token-of-tests";
export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of the tests alone").toString("base64")}`;

const INTERNAL_TOKEN = "internal-token-of-tests";
const ALL_SCOPES = ["payments:read", "payments:write"];

export type Merchant = { readonly id: Uuid; readonly key: string; readonly api: Api };

export type PaymentsFixture = {
  readonly url: string;
  readonly pool: Pool;
  readonly acquirerDatabaseUrl: string;
  readonly merchant: Merchant;
  /** A second tenant. */
  readonly stranger: Merchant;
  readonly acquirer: ServiceProcess;
  readonly fraud: ServiceProcess;
  /** The transactions service, when it was asked for as a process. */
  readonly process: ServiceProcess | undefined;
  /** The acquirer's own API, as the merchant of record uses it. */
  readonly acquirerApi: Api;
  /** What transactions has logged. */
  readonly logged: readonly string[];
  /** Another transactions service on the same database, with the role `api` alone; its URL. */
  startApi(env: Readonly<Record<string, string>>): Promise<string>;
  addApiKey(merchantId: Uuid, scopes: readonly string[]): Promise<{ id: Uuid; key: string }>;
  /** Amounts that moved at the acquirer, by the operation that moved them. */
  settlement(): Promise<readonly SettledLine[]>;
  stop(): Promise<void>;
};

export type SettledLine = {
  readonly kind: "capture" | "refund";
  readonly operation_id: string;
  readonly amount: number;
};

export type FixtureOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly acquirerEnv?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** True: transactions is a process that can be killed. */
  readonly asProcess?: boolean;
};

/** The real parts around the HTTP API, for one test file: its databases, the acquirer, fraud, and transactions with all roles. */
export async function startPayments(options: FixtureOptions = {}): Promise<PaymentsFixture> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    return { ...(await startParts(options, stops)), stop };
  } catch (error) {
    // What has started would keep the test's process alive.
    await stop();
    throw error;
  }
}

type Stop = () => Promise<unknown>;

async function startParts(options: FixtureOptions, stops: Stop[]): Promise<Omit<PaymentsFixture, "stop">> {
  const [database, acquirerDatabase] = await Promise.all([databaseOf("transactions"), databaseOf("acquirer")]);
  const ports = { api: await freePort(), acquirer: await freePort(), fraud: await freePort() };
  const url = `http://127.0.0.1:${ports.api}`;
  const pool = createPool({ connectionString: database.connectionString, applicationName: "tests", max: 4 });
  const startProcess: typeof startServiceProcess = async (...args) => {
    const started = await startServiceProcess(...args);
    stops.push(() => started.kill("SIGTERM"));
    return started;
  };
  stops.push(() => pool.end());
  const [acquirer, fraud] = await Promise.all([
    startProcess("acquirer", ports.acquirer, { ...acquirerEnv(acquirerDatabase, url), ...options.acquirerEnv }),
    startProcess("fraud", ports.fraud, { INTERNAL_TOKEN, SCREENING_BUDGET_MS: "2000" }),
  ]);
  const env = { ...transactionsEnv(database, acquirer.url, fraud.url), ...options.env };
  const logged: string[] = [];
  const start = async (own: Readonly<Record<string, string>>) => {
    const running = startService(transactionsService, {
      env: { ...env, ...own },
      log: createLogger({ service: "transactions", level: "trace", destination: keeping(logged) }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    stops.push(() => running.stop());
    await running.ready;
  };
  const merchants = await Promise.all(["Merchant", "Stranger"].map((name) => insertMerchant(pool, name, url)));
  const ofProcess = options.asProcess === true ? await startProcess("transactions", ports.api, env) : undefined;
  if (ofProcess === undefined) await start({ HTTP_PORT: String(ports.api) });
  const acquirerApi = new Api(acquirer.url, ACQUIRER_TOKEN);
  return {
    url,
    pool,
    acquirerDatabaseUrl: acquirerDatabase.connectionString,
    merchant: merchants[0] as Merchant,
    stranger: merchants[1] as Merchant,
    acquirer,
    fraud,
    process: ofProcess,
    acquirerApi,
    logged,
    addApiKey: (merchantId, scopes) => insertApiKey(pool, merchantId, scopes),
    async startApi(own) {
      const port = await freePort();
      await start({ ROLES: "api", HTTP_PORT: String(port), ...own });
      return `http://127.0.0.1:${port}`;
    },
    settlement: async () => (await acquirerApi.get("/v1/settlement?limit=10000")).body.data,
  };
}

/** A clone of the service's schema; its migrations are plain files, so no service is imported for them. */
async function databaseOf(service: "transactions" | "acquirer"): Promise<TestDatabase> {
  const folder = fileURLToPath(new URL(`../../${service}/migrations/`, import.meta.url));
  return createTestDatabase({
    template: {
      name: templateKey(service, folder),
      prepare: async (connectionString) => {
        await migrate({ connectionString, folder });
      },
    },
  });
}

/** Fault delays are short; everything else is as by default. */
function acquirerEnv(database: TestDatabase, transactionsUrl: string): Record<string, string> {
  return {
    DATABASE_URL: database.connectionString,
    INTERNAL_TOKEN: ACQUIRER_TOKEN,
    WEBHOOK_URL: `${transactionsUrl}/v1/webhooks/acquirer`,
    WEBHOOK_SECRET,
    POLL_MS: "10",
    FAULT_SLOW_MS: "600",
    FAULT_LATE_LOOKUP_MS: "600",
    FAULT_COMPLETION_MS: "200",
    DISPUTE_AFTER_MS: "100",
    WEBHOOK_RETRY_BASE_MS: "50",
  };
}

/** One try a call, so that a lost answer leaves its operation unknown and the timers have to resolve it. */
function transactionsEnv(database: TestDatabase, acquirerUrl: string, fraudUrl: string): Record<string, string> {
  return {
    HTTP_HOST: "127.0.0.1",
    DATABASE_URL: database.connectionString,
    BUS: "postgres",
    IDEMPOTENCY_SECRET: "a secret of the tests, long enough for an HMAC",
    INTERNAL_TOKEN,
    ACQUIRER_URL: acquirerUrl,
    ACQUIRER_TOKEN,
    ACQUIRER_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ACQUIRER_TIMEOUT_MS: "1500",
    ACQUIRER_TRIES: "1",
    ACQUIRER_BREAKER_VOLUME: "100000",
    PROVIDER_DEADLINE_MS: "3000",
    FRAUD_URL: fraudUrl,
    FRAUD_BREAKER_VOLUME: "100000",
    SCREENING_DEADLINE_MS: "5000",
    TIMER_POLL_MS: "50",
    WAIT_POLL_MS: "10",
    SHUTDOWN_BOUND_MS: "5000",
  };
}

const INSERT_MERCHANT = "insert into merchants (id, name, created_at) values ($1, $2, now())";
const INSERT_API_KEY = `
  insert into api_keys (id, merchant_id, prefix, hash, scopes, created_at) values ($1, $2, $3, $4, $5, now())`;

async function insertMerchant(pool: Pool, name: string, url: string): Promise<Merchant> {
  const id = uuidv7(Date.now());
  await pool.query(INSERT_MERCHANT, [id, name]);
  const { key } = await insertApiKey(pool, id, ALL_SCOPES);
  return { id, key, api: new Api(url, key) };
}

async function insertApiKey(pool: Pool, merchantId: Uuid, scopes: readonly string[]) {
  const id = uuidv7(Date.now());
  const key = `sk_test_${uuidv7(Date.now()).replaceAll("-", "")}`;
  await pool.query(INSERT_API_KEY, [id, merchantId, key.slice(0, 12), apiKeyHash(key), scopes]);
  return { id, key };
}

function keeping(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
