import type { Bus } from "@kassa/platform/bus";
import { createServer } from "@kassa/platform/http";
import { defineService, type ServiceContext } from "@kassa/platform/runtime";
import { PollLoop } from "./adapters/poll-loop.ts";
import { ApiKeys } from "./adapters/postgres/api-keys.ts";
import { fireTimers } from "./adapters/postgres/fire-timers.ts";
import { OutboxRelay } from "./adapters/postgres/outbox-relay.ts";
import { OutcomeWaiters } from "./adapters/postgres/outcome-waiters.ts";
import { PaymentQueries } from "./adapters/postgres/payment-queries.ts";
import { retain } from "./adapters/postgres/retention.ts";
import { sealBlock } from "./adapters/postgres/seal-block.ts";
import { webhookOutcome } from "./adapters/providers/sandbox-acquirer.ts";
import { type TransactionsConfig, transactionsConfig } from "./config.ts";
import { consumePaymentCommands } from "./consumers/payment-commands.ts";
import type { PaymentView, RefundView } from "./domain/view.ts";
import type { PaymentDoor } from "./http/payment-door.ts";
import { webhookAuthenticator } from "./http/receive-webhook.ts";
import { routes } from "./http/routes.ts";
import { openBus, openParts, type Parts } from "./parts.ts";

export { migrationsFolder } from "./parts.ts";

const RETENTION_EVERY_MS = 60_000;
const RETENTION_STEP = 10_000;
const TIMERS_A_ROUND = 500;
const HOUR_MS = 3_600_000;

type Context = ServiceContext<TransactionsConfig>;

/**
 * Payments: `api` takes requests and webhooks, `worker` does what they ask, `relay` publishes the outbox and keeps house.
 * Each role can be a process of its own, or all of them one.
 */
export const transactionsService = defineService({
  name: "transactions",
  roles: ["api", "worker", "relay"],
  config: transactionsConfig,
  async start(context) {
    const { roles } = context;
    const parts = await openParts(context);
    if (roles.has("relay") || roles.has("worker")) {
      const bus = await openBus(context);
      if (roles.has("relay")) await startRelay(context, parts, bus);
      if (roles.has("worker")) await startWorker(context, parts, bus);
    }
    if (roles.has("api")) await startApi(context, parts);
  },
});

async function startRelay({ config, log, clock, start }: Context, { pool }: Parts, bus: Bus): Promise<void> {
  await start(
    new OutboxRelay({
      connectionString: config.DATABASE_URL,
      bus,
      log,
      maxBatch: config.RELAY_BATCH_MAX,
      pollMs: config.RELAY_POLL_MS,
    }),
  );
  const maxBlock = config.SEALER_BLOCK_MAX;
  await start(
    new PollLoop({
      name: "ledger sealer",
      everyMs: config.SEALER_POLL_MS,
      log,
      work: async () => (await sealBlock(pool, clock.now(), maxBlock)) === maxBlock,
    }),
  );
  await start(
    new PollLoop({
      name: "retention",
      everyMs: RETENTION_EVERY_MS,
      log,
      work: async () => {
        const idempotencyMs = config.IDEMPOTENCY_RETENTION_H * HOUR_MS;
        const inboxMs = config.INBOX_RETENTION_H * HOUR_MS;
        const removed = await retain(pool, { nowMs: clock.now(), idempotencyMs, inboxMs, step: RETENTION_STEP });
        return removed >= RETENTION_STEP;
      },
    }),
  );
}

async function startWorker({ config, log, clock, start }: Context, parts: Parts, bus: Bus): Promise<void> {
  const { pool, store, provider, screener, webhooks } = parts;
  await start(
    new PollLoop({
      name: "timers",
      everyMs: config.TIMER_POLL_MS,
      log,
      work: async () => {
        const unparked = await webhooks.unpark(TIMERS_A_ROUND);
        const fired = await fireTimers(pool, clock.now(), TIMERS_A_ROUND);
        return fired === TIMERS_A_ROUND || unparked === TIMERS_A_ROUND;
      },
    }),
  );
  const dependencies = {
    store,
    providers: new Map([[provider.name, provider]]),
    screener,
    clock,
    providerDeadlineMs: config.PROVIDER_DEADLINE_MS,
    providerKeyRetentionMs: config.PROVIDER_KEY_RETENTION_H * HOUR_MS,
  };
  const subscription = await consumePaymentCommands(bus, dependencies, { window: config.WORKER_WINDOW, log });
  await start({ name: "payment commands", finish: () => subscription.stop() });
}

async function startApi({ config, log, clock, isReady, start }: Context, parts: Parts): Promise<void> {
  const { pool, store, provider, vault, webhooks } = parts;
  const queries = new PaymentQueries(pool);
  const waiters = { most: config.WAITERS_MAX, pollMs: config.WAIT_POLL_MS };
  const paymentWaiters = new OutcomeWaiters<PaymentView>({
    ...waiters,
    name: "payment",
    read: (keys) => queries.getMany(keys),
  });
  const refundWaiters = new OutcomeWaiters<RefundView>({
    ...waiters,
    name: "refund",
    read: (keys) => queries.getRefunds(keys),
  });
  const door: PaymentDoor = {
    store,
    queries,
    vault,
    provider: provider.name,
    clock,
    idempotencySecret: config.IDEMPOTENCY_SECRET,
    paymentWaiters,
    refundWaiters,
  };
  const authenticate = {
    api_key: new ApiKeys(pool).authenticate,
    signature: webhookAuthenticator(config.ACQUIRER_WEBHOOK_SECRET),
  };
  const server = createServer({
    routes: routes(door, webhooks, webhookOutcome),
    authenticate,
    config,
    log,
    isReady,
    title: "Kassa payments",
  });
  await start({
    name: "waiters",
    stopAccepting: () => {
      paymentWaiters.releaseAll();
      refundWaiters.releaseAll();
    },
  });
  await start(server);
  log.info({ url: server.address.url }, "listening");
}
