import { fileURLToPath } from "node:url";
import { topics } from "@kassa/contracts/topics";
import { type Bus, type BusLog, BusUnavailable } from "@kassa/platform/bus";
import { connectBus } from "@kassa/platform/bus/connect";
import { createPool, isConnectionFailure, migrate, type Pool } from "@kassa/platform/postgres";
import { createExecutor, createJsonClient, executorFigures } from "@kassa/platform/resilience";
import type { ServiceContext } from "@kassa/platform/runtime";
import { FraudScreener } from "./adapters/clients/fraud-screener.ts";
import { PostgresPaymentStore } from "./adapters/postgres/payment-store.ts";
import { PostgresWebhookStore } from "./adapters/postgres/webhook-store.ts";
import { SandboxAcquirer } from "./adapters/providers/sandbox-acquirer.ts";
import type { TransactionsConfig } from "./config.ts";

/** Plain SQL, in order. */
export const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/** The adapters that the roles share. */
export type Parts = {
  readonly pool: Pool;
  readonly store: PostgresPaymentStore;
  readonly webhooks: PostgresWebhookStore;
  readonly provider: SandboxAcquirer;
  /** The provider again, behind a breaker of its own. */
  readonly vault: SandboxAcquirer;
  readonly screener: FraudScreener;
};

/** Opens every adapter, the database first, which it waits for; what it opened closes in reverse order when the service stops. */
export async function openParts(context: ServiceContext<TransactionsConfig>): Promise<Parts> {
  const { config, clock, start } = context;
  const pool = await openDatabase(context);
  const store = new PostgresPaymentStore({
    pool,
    clock,
    maxBatch: config.COMMIT_BATCH_MAX,
    maxQueue: config.COMMIT_QUEUE_MAX,
    concurrency: config.COMMIT_CONCURRENCY,
  });
  await start({ name: "group commit", flush: () => store.drain() });
  // Charges that fail must not keep clients from new tokens, nor the other way round.
  const provider = await openProvider("acquirer", context);
  const vault = await openProvider("acquirer.tokens", context);
  const screener = await openScreener(context);
  return { pool, store, webhooks: new PostgresWebhookStore(pool, clock), provider, vault, screener };
}

/** The pool of a database that answers and has the newest schema. */
async function openDatabase({ config, log, start, reach }: ServiceContext<TransactionsConfig>): Promise<Pool> {
  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: "kassa-transactions",
    max: config.DATABASE_POOL_MAX,
    lockTimeoutMs: config.DATABASE_LOCK_TIMEOUT_MS,
    onError: (error) => log.warn({ err: error }, "a database connection broke"),
  });
  const check = async () => void (await pool.query("select 1"));
  await start({ name: "database", close: () => pool.end(), check });
  await reach({
    name: "PostgreSQL (DATABASE_URL)",
    isAway: isConnectionFailure,
    // The pool bounds the wait for a connection; a migration may take as long as it needs.
    reach: async () => {
      await check();
      if (config.DATABASE_MIGRATE) await migrate({ connectionString: config.DATABASE_URL, folder: migrationsFolder });
    },
  });
  return pool;
}

/** Opens the bus and makes sure of its topics, waiting for a broker that is away; the api role does without it. */
export async function openBus({ config, log, start, reach }: ServiceContext<TransactionsConfig>): Promise<Bus> {
  const name = config.BUS === "kafka" ? "Kafka (KAFKA_BROKERS)" : "the bus (BUS_DATABASE_URL, or DATABASE_URL)";
  const isAway = (error: unknown) => error instanceof BusUnavailable;
  const report: BusLog = (level, message, fields) => log[level](fields, message);
  const options = {
    clientId: "kassa-transactions",
    databaseUrl: config.DATABASE_URL,
    migrate: config.DATABASE_MIGRATE,
  };
  const bus = await reach({ name, isAway, reach: () => connectBus(config, { ...options, log: report }) });
  await start({ name: "bus", close: () => bus.close() });
  await reach({ name, isAway, reach: () => bus.ensureTopics(Object.values(topics)) });
  return bus;
}

async function openProvider(
  name: string,
  { config, start }: ServiceContext<TransactionsConfig>,
): Promise<SandboxAcquirer> {
  const executor = createExecutor({ name, figures: executorFigures("ACQUIRER", config) });
  const client = createJsonClient({
    origin: config.ACQUIRER_URL,
    executor,
    headers: { authorization: `Bearer ${config.ACQUIRER_TOKEN}` },
    connections: config.PROVIDER_CONNECTIONS,
  });
  await start({ name: `${name} client`, close: () => closeAll(client, executor) });
  return new SandboxAcquirer(client);
}

async function openScreener({ config, start }: ServiceContext<TransactionsConfig>): Promise<FraudScreener> {
  const executor = createExecutor({ name: "fraud", figures: executorFigures("FRAUD", config) });
  const client = createJsonClient({
    origin: config.FRAUD_URL,
    executor,
    headers: { authorization: `Bearer ${config.INTERNAL_TOKEN}` },
    connections: 4,
  });
  await start({ name: "fraud client", close: () => closeAll(client, executor) });
  return new FraudScreener({
    client,
    fallback: config.SCREENING_FALLBACK,
    deadlineMs: config.SCREENING_DEADLINE_MS,
    maxBatch: config.SCREENING_BATCH_MAX,
    maxQueue: config.WORKER_WINDOW * 2,
  });
}

async function closeAll(client: { close(): Promise<void> }, executor: { close(): void }): Promise<void> {
  executor.close();
  await client.close();
}
