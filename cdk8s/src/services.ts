import { acquirerConfig } from "@kassa/acquirer/config";
import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { fraudRoutes } from "@kassa/contracts/fraud-routes";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import { topics } from "@kassa/contracts/topics";
import { fraudConfig } from "@kassa/fraud/config";
import { serviceConfigSchema } from "@kassa/platform/runtime";
import { transactionsConfig } from "@kassa/transactions/config";
import type { OwnMetric, ServiceDefinition } from "./service-definition.ts";

const TRANSACTION_ROLES = ["api", "worker", "relay"] as const;

const requestsInFlight: OwnMetric = {
  name: "requests-in-flight",
  query: "sum(kassa_http_requests_in_flight{%s})",
  target: 20,
  description: "requests at work",
};

const commandsHandled: OwnMetric = {
  name: "commands-handled",
  query: "sum(rate(kassa_commands_handled_total{%s}[1m]))",
  target: 100,
  description: "commands handled a second",
};

const screenings: OwnMetric = {
  name: "screenings",
  query: "sum(rate(kassa_fraud_screenings_total{%s}[1m]))",
  target: 300,
  description: "payments screened a second",
};

/** Every service that has a chart. The next one is one more entry. */
export const services: readonly ServiceDefinition[] = [
  {
    name: "transactions",
    description: "payments, their event store and the double-entry ledger",
    config: serviceConfigSchema({ config: transactionsConfig, roles: TRANSACTION_ROLES }),
    routes: Object.values(paymentRoutes),
    hasMigrations: true,
    dependencies: ["postgres", "kafka", "provider"],
    peers: [
      { variable: "FRAUD_URL", service: "fraud" },
      { variable: "ACQUIRER_URL", service: "acquirer" },
    ],
    defaults: { BUS: "kafka" },
    roles: [
      {
        name: "api",
        description: "takes requests and webhooks",
        replicas: 2,
        autoscaling: { min: 5, max: 15, metric: requestsInFlight },
        resources: { cpu: "250m", memory: "192Mi", memoryLimit: "384Mi" },
        serves: true,
      },
      {
        name: "worker",
        description: "does what the requests asked for, from the bus",
        replicas: 2,
        autoscaling: { min: 5, max: 15, mostPods: topics.paymentCommands.partitions, metric: commandsHandled },
        resources: { cpu: "250m", memory: "192Mi", memoryLimit: "384Mi" },
        serves: false,
      },
      {
        name: "relay",
        description: "publishes the outbox and seals the ledger; one leads, the other stands by",
        replicas: 2,
        resources: { cpu: "100m", memory: "160Mi", memoryLimit: "320Mi" },
        // The relay's lock and the sealer's.
        connectionsBesidePool: 2,
        serves: false,
      },
    ],
  },
  {
    name: "fraud",
    description: "screening of payments by rules",
    config: serviceConfigSchema({ config: fraudConfig }),
    routes: Object.values(fraudRoutes),
    hasMigrations: false,
    dependencies: [],
    peers: [],
    roles: [
      {
        name: "server",
        description: "screens payments",
        replicas: 2,
        autoscaling: { min: 3, max: 10, metric: screenings },
        resources: { cpu: "100m", memory: "128Mi", memoryLimit: "256Mi" },
        serves: true,
      },
    ],
  },
  {
    name: "acquirer",
    description: "the sandbox provider: test cards and faults, for development only",
    config: serviceConfigSchema({ config: acquirerConfig }),
    routes: Object.values(acquirerRoutes),
    hasMigrations: true,
    dependencies: ["postgres"],
    peers: [{ variable: "WEBHOOK_URL", service: "transactions", path: "/v1/webhooks/acquirer" }],
    roles: [
      {
        name: "server",
        description: "answers as a provider would",
        replicas: 1,
        resources: { cpu: "100m", memory: "160Mi", memoryLimit: "320Mi" },
        serves: true,
      },
    ],
  },
];
