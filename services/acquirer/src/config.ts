import { httpSettings } from "@kassa/platform/http";
import Type, { type Static } from "typebox";

function milliseconds(fallback: number, maximum: number, description: string) {
  return Type.Integer({ minimum: 0, maximum, default: fallback, description: `ms; ${description}` });
}

function count(fallback: number, maximum: number, description: string) {
  return Type.Integer({ minimum: 1, maximum, default: fallback, description });
}

/** The environment of the acquirer, beside what the runtime adds. */
export const acquirerConfig = Type.Object({
  ...httpSettings,
  HTTP_DEADLINE_MS: milliseconds(60_000, 60_000, "time a request may take; an answer that never comes is held as long"),
  DATABASE_URL: Type.String({ secret: true, pattern: "^postgres(ql)?://", description: "the acquirer's own database" }),
  DATABASE_POOL_MAX: count(8, 100, "connections of this process at most"),
  DATABASE_MIGRATE: Type.Boolean({ default: true, description: "bring the schema up to date at start" }),
  INTERNAL_TOKEN: Type.String({ secret: true, minLength: 16, description: "the bearer token of every caller" }),
  BATCH_MAX: count(256, 5_000, "operations in one transaction at most"),
  QUEUE_MAX: count(4_096, 100_000, "operations that wait for a transaction at most; beyond it 503"),
  POLL_MS: milliseconds(100, 10_000, "between two looks for webhooks and pending operations that are due"),
  WEBHOOK_URL: Type.Optional(
    Type.String({ pattern: "^https?://", description: "where webhooks go; without it there are none" }),
  ),
  WEBHOOK_SECRET: Type.Optional(
    Type.String({
      secret: true,
      pattern: "^whsec_[A-Za-z0-9+/=]+$",
      description: "key of Standard Webhooks signatures",
    }),
  ),
  WEBHOOK_MODE: Type.Enum(["asynchronous", "all"], {
    default: "asynchronous",
    description: "asynchronous: ends that no answer told of, and fault cards; all: every finished operation",
  }),
  WEBHOOK_CONCURRENCY: count(32, 1_000, "webhooks on their way at once"),
  WEBHOOK_TIMEOUT_MS: milliseconds(5_000, 30_000, "time a delivery may take"),
  WEBHOOK_MAX_ATTEMPTS: count(20, 100, "deliveries of one webhook; then it waits for a person"),
  WEBHOOK_RETRY_BASE_MS: milliseconds(1_000, 60_000, "before the second delivery; doubles each time"),
  WEBHOOK_RETRY_MAX_MS: milliseconds(60_000, 3_600_000, "between two deliveries at most"),
  FAULT_SLOW_MS: milliseconds(3_000, 60_000, "how slow a slow answer is"),
  FAULT_LATE_LOOKUP_MS: milliseconds(10_000, 600_000, "how long a look-up cannot see a charge that is visible late"),
  FAULT_COMPLETION_MS: milliseconds(1_000, 600_000, "how long a pending charge or refund takes to end"),
  FAULT_WEBHOOK_FIRST_MS: milliseconds(5_000, 30_000, "how long an answer waits for its webhook at most"),
  FAULT_MAX_HELD: count(1_000, 10_000, "answers held at once at most; the next is a 500"),
  DISPUTE_AFTER_MS: milliseconds(5_000, 86_400_000, "from a capture to its dispute"),
});

export type AcquirerConfig = Static<typeof acquirerConfig>;
