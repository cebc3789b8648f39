import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  acquirerEnvironment,
  databases,
  type Env,
  fraudEnvironment,
  localUrl,
  transactionsEnvironment,
  type Wiring,
} from "@kassa/cli/installation/environments";
import { ensureSandboxMerchant } from "@kassa/cli/installation/sandbox-merchant";
import { ensureDatabase } from "@kassa/platform/embedded-postgres";
import { freePorts } from "@kassa/testing/broker-process";
import type { BenchDatabase } from "./database.ts";
import { Program } from "./program.ts";
import { createWiring, wiringVariable } from "./wiring.ts";

/**
 * api: what accepts and nothing more. together: as `kassa start`, one process. apart: api, worker with relay, fraud.
 * kafka: each role a process of its own, on Kafka. The acquirer is always a process of its own.
 */
export type Shape = "api" | "together" | "apart" | "kafka";

export type ProductOptions = {
  readonly database: BenchDatabase;
  readonly shape: Shape;
  /** Of the databases' names. */
  readonly suffix: string;
  readonly profileDir?: string | undefined;
  readonly brokers?: readonly string[];
};

export type Product = AsyncDisposable & {
  readonly apiPort: number;
  readonly apiKey: string;
  readonly merchantId: string;
  readonly databaseUrl: string;
  readonly acquirer: { readonly port: number; readonly token: string };
  /** Without PostgreSQL and the load generator. */
  readonly programs: readonly Program[];
};

type Plan = { readonly name: string; readonly main: string; readonly env: Env; readonly isProfiled: boolean };

/** Starts the processes of one shape of the product, with a merchant and its key. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { database, shape, suffix, profileDir } = options;
  const wiring = await createWiring(database.postgres.connectionString("postgres"), suffix);
  for (const name of Object.values(databases)) {
    await ensureDatabase(database.postgres.connectionString("postgres"), `${name}_${suffix}`);
  }
  const programs: Program[] = [];
  const dispose = async () => {
    for (const program of programs.toReversed()) await program.stop();
  };
  try {
    for (const { name, main, env, isProfiled } of plans(wiring, shape, options.brokers ?? [])) {
      const [probePort = 0] = await freePorts(1);
      programs.push(
        await Program.start({
          name,
          main: fileURLToPath(main),
          env: { ...env, PROBE_PORT: String(probePort) },
          readyUrl: `${localUrl(probePort)}/readyz`,
          logFile: join(database.folder, `${suffix}-${name}.log`),
          profileDir: isProfiled ? profileDir : undefined,
        }),
      );
    }
    await ensureSandboxMerchant(wiring.connectionString(databases.transactions), wiring.secrets);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    apiPort: wiring.ports.api,
    apiKey: wiring.secrets.apiKey,
    merchantId: wiring.secrets.merchantId,
    databaseUrl: wiring.connectionString(databases.transactions),
    acquirer: { port: wiring.ports.acquirer, token: wiring.secrets.acquirerToken },
    programs,
    [Symbol.asyncDispose]: dispose,
  };
}

function plans(wiring: Wiring, shape: Shape, brokers: readonly string[]): Plan[] {
  const acquirer = {
    name: "acquirer",
    main: import.meta.resolve("@kassa/acquirer/main"),
    env: acquirerEnvironment(wiring),
    isProfiled: false,
  };
  const fraud = {
    name: "fraud",
    main: import.meta.resolve("@kassa/fraud/main"),
    env: fraudEnvironment(wiring),
    isProfiled: false,
  };
  const bus = brokers.length === 0 ? {} : { BUS: "kafka", KAFKA_BROKERS: brokers.join(",") };
  const transactions = (...roles: string[]): Plan => ({
    name: `transactions-${roles.join("-")}`,
    main: import.meta.resolve("@kassa/transactions/main"),
    env: { ...transactionsEnvironment(wiring), ...bus, ROLES: roles.join(",") },
    isProfiled: true,
  });
  switch (shape) {
    case "api":
      return [acquirer, transactions("api")];
    case "together": {
      const main = import.meta.resolve("./kassa-process.ts");
      return [acquirer, { name: "kassa", main, env: wiringVariable(wiring), isProfiled: true }];
    }
    case "apart":
      return [acquirer, fraud, transactions("worker", "relay"), transactions("api")];
    case "kafka":
      return [acquirer, fraud, transactions("relay"), transactions("worker"), transactions("api")];
  }
}
