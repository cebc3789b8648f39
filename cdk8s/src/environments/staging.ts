import { production } from "./production.ts";

const few = { autoscaling: { minReplicas: 2, maxReplicas: 4 } };

/** As production, with fewer pods and every trace. */
export const staging = {
  ...production,
  transactions: {
    ...production.transactions,
    // A database of a fifth of production's connections: smaller pools.
    config: { ...production.transactions.config, OTEL_TRACES_SAMPLER_ARG: 1, DATABASE_POOL_MAX: 8 },
    database: { maxConnections: 150, reservedConnections: 20 },
    ingress: { ...production.transactions.ingress, hosts: ["payments.stage.example.com"] },
    roles: { api: few, worker: few, relay: { replicas: 2 } },
  },
  fraud: { ...production.fraud, roles: { server: few } },
} as const;
