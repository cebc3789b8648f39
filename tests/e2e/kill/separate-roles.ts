import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DataFolder, openDataFolder } from "@kassa/cli/installation/data-folder";
import {
  acquirerEnvironment,
  databases,
  fraudEnvironment,
  localUrl,
  transactionsEnvironment,
  type Wiring,
} from "@kassa/cli/installation/environments";
import { announceRunning } from "@kassa/cli/installation/running-file";
import { ensureSandboxMerchant } from "@kassa/cli/installation/sandbox-merchant";
import { openSecrets } from "@kassa/cli/installation/secrets";
import {
  destroyEmbeddedPostgres,
  type EmbeddedPostgres,
  ensureDatabase,
  startEmbeddedPostgres,
} from "@kassa/platform/embedded-postgres";
import { freePorts } from "@kassa/testing/broker-process";
import { startKafka, type TestKafka } from "@kassa/testing/kafka";
import type { Kill } from "./kill-schedule.ts";
import { Program } from "./program.ts";
import { shortTimeouts } from "./run-length.ts";

/** The product as in a cluster: Kafka, and each role a process of its own, two of those that may be two. */
export type SeparateRoles = {
  readonly dataDir: string;
  readonly apiUrls: readonly string[];
  readonly apiKey: string;
  readonly acquirer: { readonly url: string; readonly token: string };
  readonly programs: readonly Program[];
  /** One for each process of the product, and PostgreSQL. */
  readonly kills: readonly Kill[];
  readonly killBroker: Kill;
  /** Stops the roles as a cluster would; resolves with the names of those that did not end well. */
  stop(): Promise<string[]>;
  /** Kills what is left and deletes everything. */
  destroy(): Promise<void>;
};

const RESTART_PAUSE_MS = 1_000;
const POSTGRES_BACK_MS = 90_000;
const POLL_MS = 50;
const PAIR = [1, 2] as const;

/** As `kassa start` has it: at 60 s two half-open tries that hit a card with a fault would outlast the two minutes. */
const shortReset = { ACQUIRER_BREAKER_RESET_MS: "2000", FRAUD_BREAKER_RESET_MS: "2000" } as const;

type Ports = { readonly api: readonly number[]; readonly fraud: number; readonly acquirer: number };

/** Starts everything; what had started ends again when a later part cannot start. */
export async function startSeparateRoles(): Promise<SeparateRoles> {
  const folder = makeFolder();
  const programs: Program[] = [];
  let kafka: TestKafka | undefined;
  const destroy = async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await kafka?.stop();
    removeFolder(folder);
  };
  process.once("exit", () => removeFolder(folder));
  try {
    kafka = await startKafka();
    const postgres = await startEmbeddedPostgres({ dataDir: folder.postgres });
    for (const name of Object.values(databases)) await ensureDatabase(postgres.connectionString("postgres"), name);
    const [apiOne = 0, apiTwo = 0, fraud = 0, acquirer = 0, ...probePorts] = await freePorts(12);
    const ports: Ports = { api: [apiOne, apiTwo], fraud, acquirer };
    const secrets = openSecrets(folder);
    const wiringOf = (api: number): Wiring => ({
      secrets,
      ports: { api, fraud, acquirer },
      connectionString: (database) => postgres.connectionString(database),
    });
    programs.push(...programsOf(ports, wiringOf, kafka, probePorts));
    await Promise.all(programs.map((program) => program.start()));
    await ensureSandboxMerchant(postgres.connectionString(databases.transactions), secrets);
    const apiUrls = ports.api.map(localUrl);
    const acquirerUrl = localUrl(acquirer);
    announceRunning(folder, { url: apiUrls[0] ?? "", acquirerUrl, probesUrl: localUrl(probePorts[0] ?? 0) });
    return {
      dataDir: folder.root,
      apiUrls,
      apiKey: secrets.apiKey,
      acquirer: { url: acquirerUrl, token: secrets.acquirerToken },
      programs,
      kills: [...programs.map(killOf), killPostgres(postgres)],
      killBroker: killBroker(kafka),
      stop: () => stopAll(programs, postgres),
      destroy,
    };
  } catch (error) {
    await destroy();
    throw error;
  }
}

function makeFolder(): DataFolder {
  const root = mkdtempSync(join(tmpdir(), "kassa-test-kill-"));
  chmodSync(root, 0o755); // as root PostgreSQL runs as another user, who has to come through
  return openDataFolder(root);
}

function removeFolder(folder: DataFolder): void {
  destroyEmbeddedPostgres(folder.postgres);
  rmSync(folder.root, { recursive: true, force: true });
}

function programsOf(
  { api, fraud, acquirer }: Ports,
  wiringOf: (apiPort: number) => Wiring,
  kafka: TestKafka,
  probePorts: readonly number[],
): Program[] {
  const wiring = wiringOf(api[0] ?? 0);
  const spare = [...probePorts];
  const probes = () => spare.pop() ?? 0;
  const bus = { BUS: "kafka", KAFKA_BROKERS: kafka.brokers.join(",") };
  const role = (name: "api" | "worker" | "relay", number: number, apiPort: number) => {
    const env = { ...transactionsEnvironment(wiringOf(apiPort)), ...bus, ROLES: name };
    return program(`${name}-${number}`, "transactions", env, probes());
  };
  return [
    program("acquirer", "acquirer", acquirerEnvironment(wiringOf(api[0] ?? acquirer)), probes()),
    program("fraud", "fraud", fraudEnvironment(wiring), probes()),
    ...PAIR.map((number) => role("api", number, api[number - 1] ?? fraud)),
    ...PAIR.map((number) => role("worker", number, 0)),
    ...PAIR.map((number) => role("relay", number, 0)),
  ];
}

function program(
  name: string,
  service: string,
  env: Readonly<Record<string, string | undefined>>,
  probePort: number,
): Program {
  return new Program({
    name,
    args: [fileURLToPath(import.meta.resolve(`@kassa/${service}/main`))],
    env: { ...process.env, ...shortTimeouts, ...shortReset, ...env, PROBE_PORT: String(probePort) },
    readyUrl: `${localUrl(probePort)}/readyz`,
  });
}

function killOf(victim: Program): Kill {
  return { target: victim.name, strike: () => victim.killAndStart(RESTART_PAUSE_MS) };
}

/** It is supervised, so nobody has to start it. */
function killPostgres(postgres: EmbeddedPostgres): Kill {
  return {
    target: "postgres",
    async strike() {
      const { pid } = postgres;
      postgres.kill("SIGKILL");
      return { pid, back: untilAnotherPid(postgres, pid) };
    },
  };
}

async function untilAnotherPid(postgres: EmbeddedPostgres, pid: number): Promise<void> {
  const giveUpAtMs = Date.now() + POSTGRES_BACK_MS;
  while (postgres.pid === pid) {
    if (Date.now() > giveUpAtMs) throw new Error(`PostgreSQL was not back after ${POSTGRES_BACK_MS} ms`);
    await sleep(POLL_MS);
  }
}

function killBroker(kafka: TestKafka): Kill {
  return {
    target: "kafka",
    async strike() {
      const pid = kafka.pid ?? 0;
      await kafka.kill();
      return { pid, back: sleep(RESTART_PAUSE_MS).then(() => kafka.restart()) };
    },
  };
}

async function stopAll(programs: readonly Program[], postgres: EmbeddedPostgres): Promise<string[]> {
  const codes = await Promise.all(
    programs.toReversed().map(async (each) => ({ name: each.name, code: await each.stop() })),
  );
  await postgres.stop();
  return codes.filter(({ code }) => code !== 0).map(({ name, code }) => `${name}: ${code}`);
}
