import type { Bus, BusLog } from "../bus.ts";
import { postgresBus } from "../postgres/index.ts";
import type { BusConfig } from "./bus-settings.ts";
import { kafkaConnection } from "./kafka-connection.ts";

export type ConnectBusOptions = {
  /** How Kafka's logs call us: `kassa-<service>`. */
  readonly clientId: string;
  /** Where the bus lives with BUS=postgres and no BUS_DATABASE_URL. */
  readonly databaseUrl: string;
  /** Whether to bring the bus's schema in that database up to date; one of its own is always. */
  readonly migrate: boolean;
  readonly log: BusLog;
};

/**
 * The bus that the configuration names.
 * @throws ConfigError when its variables contradict each other, BusUnavailable when it cannot be reached
 */
export async function connectBus(config: BusConfig, options: ConnectBusOptions): Promise<Bus> {
  const { clientId, databaseUrl, log, migrate } = options;
  if (config.BUS === "postgres") {
    return postgresBus({
      connection: { connectionString: config.BUS_DATABASE_URL ?? databaseUrl },
      log,
      settings: { migrate: migrate || config.BUS_DATABASE_URL !== undefined },
    });
  }
  const connection = kafkaConnection(config);
  // Its client is a large module that nobody else should pay.
  const { kafkaBus } = await import("../kafka/index.ts");
  return kafkaBus({ ...connection, clientId, log });
}
