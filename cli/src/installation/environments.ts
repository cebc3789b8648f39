import { HOST } from "./free-port.ts";
import type { Secrets } from "./secrets.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** The databases of an installation: each service has its own, and the bus lives in a third. */
export const databases = {
  transactions: "kassa_transactions",
  acquirer: "kassa_acquirer",
  bus: "kassa_bus",
} as const;

/** What the environments of all services are made from. */
export type Wiring = {
  readonly secrets: Secrets;
  readonly ports: { readonly api: number; readonly fraud: number; readonly acquirer: number };
  connectionString(database: string): string;
};

/** The path of the route that takes the acquirer's webhooks. */
const WEBHOOK_PATH = "/v1/webhooks/acquirer";

/** Laid over what the user has set for all services: figures may be tuned, the wiring is ours. */
export function transactionsEnvironment({ secrets, ports, connectionString }: Wiring): Env {
  return {
    HTTP_HOST: HOST,
    HTTP_PORT: String(ports.api),
    DATABASE_URL: connectionString(databases.transactions),
    BUS: "postgres",
    BUS_DATABASE_URL: connectionString(databases.bus),
    IDEMPOTENCY_SECRET: secrets.idempotencySecret,
    INTERNAL_TOKEN: secrets.internalToken,
    FRAUD_URL: localUrl(ports.fraud),
    ACQUIRER_URL: localUrl(ports.acquirer),
    ACQUIRER_TOKEN: secrets.acquirerToken,
    ACQUIRER_WEBHOOK_SECRET: secrets.acquirerWebhookSecret,
  };
}

export function fraudEnvironment({ secrets, ports }: Wiring): Env {
  return { HTTP_HOST: HOST, HTTP_PORT: String(ports.fraud), INTERNAL_TOKEN: secrets.internalToken };
}

export function acquirerEnvironment({ secrets, ports, connectionString }: Wiring): Env {
  return {
    HTTP_HOST: HOST,
    HTTP_PORT: String(ports.acquirer),
    PROBE_HOST: HOST,
    PROBE_PORT: "0",
    DATABASE_URL: connectionString(databases.acquirer),
    INTERNAL_TOKEN: secrets.acquirerToken,
    WEBHOOK_URL: `${localUrl(ports.api)}${WEBHOOK_PATH}`,
    WEBHOOK_SECRET: secrets.acquirerWebhookSecret,
    SHUTDOWN_BOUND_MS: "5000",
  };
}

export function localUrl(port: number): string {
  return `http://${HOST}:${port}`;
}
