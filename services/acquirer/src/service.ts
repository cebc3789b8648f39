import { fileURLToPath } from "node:url";
import type { Clock } from "@kassa/kernel/clock";
import { createServer } from "@kassa/platform/http";
import type { Logger } from "@kassa/platform/log";
import { createPool, isConnectionFailure, migrate, type Pool } from "@kassa/platform/postgres";
import { defineService, type ServiceContext } from "@kassa/platform/runtime";
import { createCards } from "./adapters/postgres/cards.ts";
import { createOperationBook } from "./adapters/postgres/operation-book.ts";
import { createSettlementReport } from "./adapters/postgres/settlement-report.ts";
import { createWebhookQueue } from "./adapters/postgres/webhook-queue.ts";
import { createWebhookSender } from "./adapters/webhook-sender.ts";
import { type AcquirerConfig, acquirerConfig } from "./config.ts";
import type { DecisionContext } from "./domain/decision.ts";
import { bearerAuthenticator } from "./http/authenticate.ts";
import { HeldAnswers } from "./http/held-answers.ts";
import { boundRoutes } from "./http/routes.ts";
import { createCompletion } from "./jobs/completion.ts";
import type { PollLoop } from "./jobs/poll-loop.ts";
import { createWebhookDelivery } from "./jobs/webhook-delivery.ts";
import { batchSeconds, batchSize, webhookDeliveries } from "./metrics.ts";
import type { WebhookQueue, WebhookSender } from "./ports.ts";

/** Plain SQL, in order. */
export const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/** The sandbox card acquirer: a provider of its own, which remembers everything in its own database. */
export const acquirerService = defineService({
  name: "acquirer",
  config: acquirerConfig,
  async start(context) {
    const { config, log, clock, isReady, start } = context;
    const sender = webhookSender(config);
    const pool = await openDatabase(context);
    const queue = createWebhookQueue(pool, config.WEBHOOK_CONCURRENCY);
    const delivery = sender === undefined ? undefined : await start(webhookDelivery(queue, sender, config, clock, log));
    const book = createOperationBook({
      pool,
      clock,
      context: decisionContext(config),
      maxBatch: config.BATCH_MAX,
      maxQueue: config.QUEUE_MAX,
      onWebhooks: () => delivery?.nudge(),
      onBatch: (size, durationMs) => {
        batchSize.observe(size);
        batchSeconds.observe(durationMs / 1000);
      },
    });
    await start({ name: "operation_book", finish: () => book.drain() });
    await start(createCompletion({ book, clock, log, pollMs: config.POLL_MS }));
    const held = await start(heldAnswers(queue, config));
    const cards = createCards(pool, { maxBatch: config.BATCH_MAX, maxQueue: config.QUEUE_MAX });
    const routes = boundRoutes({ book, clock, held, cards, report: createSettlementReport(pool) });
    const authenticate = { internal: bearerAuthenticator(config.INTERNAL_TOKEN) };
    const server = createServer({ routes, authenticate, config, log, isReady, title: "Kassa sandbox acquirer" });
    await start(server);
    log.info({ url: server.address.url }, "listening");
  },
});

function webhookSender(config: AcquirerConfig): WebhookSender | undefined {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret, WEBHOOK_TIMEOUT_MS: timeoutMs } = config;
  if (url === undefined) return undefined;
  if (secret === undefined)
    throw new Error("WEBHOOK_URL is given, WEBHOOK_SECRET is not: nobody could check the webhooks");
  return createWebhookSender({ url, secret, timeoutMs });
}

/** The pool of a database that answers and has the newest schema. */
async function openDatabase({ config, log, start, reach }: ServiceContext<AcquirerConfig>): Promise<Pool> {
  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: "kassa-acquirer",
    max: config.DATABASE_POOL_MAX,
    onError: (error) => log.warn({ err: error }, "an idle connection to PostgreSQL was lost"),
  });
  const check = async () => void (await pool.query("select 1"));
  await start({ name: "postgres", check, close: () => pool.end() });
  await reach({
    name: "PostgreSQL (DATABASE_URL)",
    isAway: isConnectionFailure,
    reach: async () => {
      await check();
      if (config.DATABASE_MIGRATE) await migrate({ connectionString: config.DATABASE_URL, folder: migrationsFolder });
    },
  });
  return pool;
}

function decisionContext(config: AcquirerConfig): Omit<DecisionContext, "nowMs"> {
  return {
    webhookMode: config.WEBHOOK_URL === undefined ? "off" : config.WEBHOOK_MODE,
    lateLookUpMs: config.FAULT_LATE_LOOKUP_MS,
    completionMs: config.FAULT_COMPLETION_MS,
    disputeMs: config.DISPUTE_AFTER_MS,
  };
}

/** Beyond the time a delivery may take, so that a lease never ends under one. */
const LEASE_MARGIN_MS = 5_000;

function webhookDelivery(
  queue: WebhookQueue,
  sender: WebhookSender,
  config: AcquirerConfig,
  clock: Clock,
  log: Logger,
): PollLoop {
  return createWebhookDelivery({
    queue,
    sender,
    clock,
    log,
    pollMs: config.POLL_MS,
    concurrency: config.WEBHOOK_CONCURRENCY,
    leaseMs: config.WEBHOOK_TIMEOUT_MS + LEASE_MARGIN_MS,
    retry: {
      maxAttempts: config.WEBHOOK_MAX_ATTEMPTS,
      baseMs: config.WEBHOOK_RETRY_BASE_MS,
      maxMs: config.WEBHOOK_RETRY_MAX_MS,
    },
    onDelivery: (outcome) => webhookDeliveries.inc({ outcome }),
  });
}

function heldAnswers(queue: WebhookQueue, config: AcquirerConfig): HeldAnswers {
  return new HeldAnswers({
    slowMs: config.FAULT_SLOW_MS,
    webhookFirstMs: config.FAULT_WEBHOOK_FIRST_MS,
    maxHeld: config.FAULT_MAX_HELD,
    isWebhookWaiting: (messageId) => queue.isWaiting(messageId),
  });
}
