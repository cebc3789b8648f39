import { production } from "./production.ts";

const few = { autoscaling: { minReplicas: 2, maxReplicas: 4 } };

/** As production, with fewer pods and every trace. */
export const staging = {
  ...production,
  transactions: {
    ...production.transactions,
    config: { ...production.transactions.config, OTEL_TRACES_SAMPLER_ARG: 1 },
    database: { maxConnections: 150, reservedConnections: 20 },
    ingress: { ...production.transactions.ingress, hosts: ["payments.stage.example.com"] },
    roles: { api: few, worker: few, relay: { replicas: 2 } },
  },
  fraud: { ...production.fraud, roles: { server: few } },
} as const;
