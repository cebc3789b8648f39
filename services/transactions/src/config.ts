import { busSettings } from "@kassa/platform/bus/connect";
import { httpSettings } from "@kassa/platform/http";
import { resilienceSettings } from "@kassa/platform/resilience";
import Type, { type Static } from "typebox";

function count(fallback: number, maximum: number, description: string) {
  return Type.Integer({ minimum: 1, maximum, default: fallback, description });
}

const databaseUrl = { secret: true, pattern: "^postgres(ql)?://" };

/** The environment of the transactions service, beside what the runtime adds. */
export const transactionsConfig = Type.Object({
  ...httpSettings,
  DATABASE_URL: Type.String({ ...databaseUrl, description: "the service's own database" }),
  DATABASE_POOL_MAX: count(10, 100, "connections of this process at most; the relay and the sealer have one more each"),
  DATABASE_LOCK_TIMEOUT_MS: count(
    500,
    5_000,
    "ms a group commit waits for a lock, such as an idempotency key that another pod is committing; then its item gets 409",
  ),
  DATABASE_MIGRATE: Type.Boolean({ default: true, description: "bring the schema up to date at start" }),
  ...busSettings,
  COMMIT_BATCH_MAX: count(256, 5_000, "items in one group commit at most"),
  COMMIT_QUEUE_MAX: count(10_000, 1_000_000, "items that wait for a commit at most; beyond it 503"),
  COMMIT_CONCURRENCY: count(2, 16, "group commits at once"),
  IDEMPOTENCY_SECRET: Type.String({
    secret: true,
    minLength: 32,
    description: "key of the HMAC over request bodies; the same in every pod, for as long as idempotency keys are kept",
  }),
  IDEMPOTENCY_RETENTION_H: count(168, 8_760, "hours for which idempotency keys are kept"),
  INBOX_RETENTION_H: count(
    240,
    8_760,
    "hours for which handled messages are remembered; longer than the bus keeps them",
  ),
  WAITERS_MAX: count(5_000, 100_000, "requests with Prefer: wait at once at most; further ones are answered at once"),
  WAIT_POLL_MS: count(25, 1_000, "ms between two looks for the outcomes that requests wait for"),
  ACQUIRER_URL: Type.String({ pattern: "^https?://", description: "origin of the sandbox acquirer" }),
  ACQUIRER_TOKEN: Type.String({ secret: true, minLength: 16, description: "bearer token of the acquirer" }),
  ACQUIRER_WEBHOOK_SECRET: Type.String({
    secret: true,
    pattern: "^whsec_[A-Za-z0-9+/=]+$",
    description: "key of the acquirer's webhook signatures",
  }),
  ...resilienceSettings("ACQUIRER"),
  PROVIDER_CONNECTIONS: count(128, 2_000, "connections to the provider at most, for payments and for tokens each"),
  PROVIDER_DEADLINE_MS: count(10_000, 30_000, "ms one provider call may take, its retries included"),
  PROVIDER_KEY_RETENTION_H: count(
    24,
    720,
    "hours for which the provider keeps idempotency keys; nothing is sent again after that",
  ),
  FRAUD_URL: Type.String({ pattern: "^https?://", description: "origin of the fraud service" }),
  INTERNAL_TOKEN: Type.String({ secret: true, minLength: 16, description: "bearer token of our own services" }),
  SCREENING_FALLBACK: Type.Enum(["allow", "deny"], {
    default: "allow",
    description: "what becomes of a payment while the fraud service does not answer: fail open or fail closed",
  }),
  SCREENING_DEADLINE_MS: count(500, 10_000, "ms a payment waits for its screening"),
  SCREENING_BATCH_MAX: count(200, 1_000, "payments screened with one call at most"),
  ...resilienceSettings("FRAUD"),
  WORKER_WINDOW: count(1_000, 100_000, "payments in work at once at most"),
  RELAY_BATCH_MAX: count(1_000, 10_000, "outbox rows published at once at most"),
  RELAY_POLL_MS: count(10, 10_000, "ms between two looks at an empty outbox"),
  TIMER_POLL_MS: count(500, 60_000, "ms between two looks for due timers"),
  SEALER_POLL_MS: count(250, 60_000, "ms between two looks for transfers to seal"),
  SEALER_BLOCK_MAX: count(2_000, 10_000, "transfers in one sealed block at most"),
});

export type TransactionsConfig = Static<typeof transactionsConfig>;
