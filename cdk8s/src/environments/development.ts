/** Passwords of the chart kassa-backing: everybody knows them. */
const PASSWORD = "development-only";
const HOST = "kassa-backing-postgres:5432";
const INTERNAL_TOKEN = "internal-token-for-development";
const ACQUIRER_TOKEN = "acquirer-token-for-development";
const WEBHOOK_SECRET = "whsec_YSBzZWNyZXQgZm9yIGRldmVsb3BtZW50IGFsb25l";

export const SANDBOX_API_KEY = "sk_test_development000000000000000000000";

/** The secrets of every service, fit for the chart kassa-backing. */
export const developmentSecrets = {
  transactions: {
    DATABASE_URL: `postgres://transactions:${PASSWORD}@${HOST}/kassa_transactions`,
    MIGRATION_DATABASE_URL: `postgres://transactions_owner:${PASSWORD}@${HOST}/kassa_transactions`,
    IDEMPOTENCY_SECRET: "a secret for development alone, long enough",
    INTERNAL_TOKEN,
    ACQUIRER_TOKEN,
    ACQUIRER_WEBHOOK_SECRET: WEBHOOK_SECRET,
  },
  fraud: { INTERNAL_TOKEN },
  acquirer: {
    DATABASE_URL: `postgres://acquirer:${PASSWORD}@${HOST}/kassa_acquirer`,
    MIGRATION_DATABASE_URL: `postgres://acquirer_owner:${PASSWORD}@${HOST}/kassa_acquirer`,
    INTERNAL_TOKEN: ACQUIRER_TOKEN,
    WEBHOOK_SECRET,
  },
} as const;

const sidecars = {
  otel: { enabled: true, endpoint: "kassa-backing-jaeger:4317" },
  prometheus: {
    enabled: true,
    remoteWriteUrl: "http://kassa-backing-prometheus:9090/api/v1/write",
    scrapeIntervalSeconds: 5,
  },
};

/** Where the pods of kassa-backing are, for NetworkPolicies. */
function backing(component: string) {
  return [
    {
      podSelector: {
        matchLabels: { "app.kubernetes.io/name": "kassa-backing", "app.kubernetes.io/component": component },
      },
    },
  ];
}

export const backingEgress = {
  otlp: { to: backing("jaeger") },
  remoteWrite: { to: backing("prometheus") },
};

/** What the services need to run beside kassa-backing. */
export const besideBacking = {
  transactions: {
    config: {
      KAFKA_BROKERS: "kassa-backing-kafka:9092",
      ACQUIRER_BREAKER_RESET_MS: 2000,
      FRAUD_BREAKER_RESET_MS: 2000,
    },
    secrets: { data: developmentSecrets.transactions },
    migrations: { runtimeRole: "transactions" },
    networkPolicy: {
      egress: { ...backingEgress, postgres: { to: backing("postgres") }, kafka: { to: backing("kafka") } },
    },
    sidecars,
  },
  fraud: { secrets: { data: developmentSecrets.fraud }, networkPolicy: { egress: backingEgress }, sidecars },
  acquirer: {
    secrets: { data: developmentSecrets.acquirer, optional: ["WEBHOOK_SECRET"] },
    migrations: { runtimeRole: "acquirer" },
    networkPolicy: { egress: { ...backingEgress, postgres: { to: backing("postgres") } } },
    sidecars,
  },
} as const;

const onePod = { replicas: 1, autoscaling: { enabled: false }, disruptionBudget: { enabled: false } };
const onePodFixed = { replicas: 1, disruptionBudget: { enabled: false } };

export const development = {
  transactions: { ...besideBacking.transactions, roles: { api: onePod, worker: onePod, relay: onePodFixed } },
  fraud: { ...besideBacking.fraud, roles: { server: onePod } },
  acquirer: { ...besideBacking.acquirer, roles: { server: onePodFixed } },
  prove: { withAcquirer: true },
  sandboxMerchant: { enabled: true, apiKey: SANDBOX_API_KEY },
} as const;
