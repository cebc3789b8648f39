import { join } from "node:path";
import type { Writable } from "node:stream";
import { type EmbeddedPostgres, ensureDatabase, startEmbeddedPostgres } from "@kassa/platform/embedded-postgres";
import { createLogger, type Logger } from "@kassa/platform/log";
import { migrate } from "@kassa/platform/postgres";
import type { RunningService } from "@kassa/platform/runtime";
import { AcquirerProcess } from "./acquirer-process.ts";
import { type DataFolder, openDataFolder, spaceRefusal } from "./data-folder.ts";
import { acquirerEnvironment, databases, type Env, localUrl, type Wiring } from "./environments.ts";
import { freePort, portRefusal, refuseTakenPort } from "./free-port.ts";
import { LogFile } from "./log-file.ts";
import { Refusal } from "./refusal.ts";
import { announceRunning, findRunning, forgetRunning } from "./running-file.ts";
import { ensureSandboxMerchant } from "./sandbox-merchant.ts";
import { openSecrets } from "./secrets.ts";
import { lastAcquirerPort, type SupervisedAcquirer, superviseAcquirer } from "./supervised-acquirer.ts";

export type InstallationOptions = {
  readonly dataDir: string;
  /** Of the API; 0: any free one. */
  readonly port: number;
  /** What the user has set; figures of the services among it hold for all of them. */
  readonly env: Env;
  /** Where the services' logs go. Default: logs/kassa.log in the data folder. */
  readonly logTo?: Writable;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
  /** Something worth a line for the person at the terminal. */
  readonly tell: (line: string) => void;
};

/** The whole product, running. */
export type Installation = {
  readonly url: string;
  readonly apiKey: string;
  readonly folder: DataFolder;
  /** Resolves with a sentence when it cannot go on. */
  readonly failed: Promise<string>;
  /** Drains the services, then stops the acquirer, then PostgreSQL. False when something did not go well in time. */
  stop(): Promise<boolean>;
};

/**
 * Starts PostgreSQL, the acquirer and the services on a data folder. What had started is stopped again when a later part cannot.
 * @throws Refusal, EmbeddedPostgresError or ConfigError with a sentence that says what to do
 */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const folder = openDataFolder(options.dataDir);
  refuseSecondStart(folder);
  const apiPort = options.port === 0 ? await freePort() : options.port;
  await refuseTakenPort(apiPort);
  const stops = new AsyncDisposableStack();
  try {
    return await new StartUp(options, folder, apiPort, stops).run();
  } catch (error) {
    await stops.disposeAsync();
    throw portRefusal(apiPort, error) ?? spaceRefusal(folder.root, error) ?? error;
  }
}

function refuseSecondStart(folder: DataFolder): void {
  const running = findRunning(folder);
  if (running === undefined) return;
  throw new Refusal(
    `Kassa already runs on the data folder ${folder.root}: process ${running.pid}, ${running.url}. Stop that one first, or choose another folder with KASSA_DATA=<folder>.`,
  );
}

/** The parts of one start, in the order in which they depend on each other. */
class StartUp {
  readonly #options: InstallationOptions;
  readonly #folder: DataFolder;
  readonly #apiPort: number;
  readonly #stops: AsyncDisposableStack;
  readonly #destination: Writable;
  readonly #log: Logger;
  readonly #failed = Promise.withResolvers<string>();
  #isClean = true;

  constructor(options: InstallationOptions, folder: DataFolder, apiPort: number, stops: AsyncDisposableStack) {
    this.#options = options;
    this.#folder = folder;
    this.#apiPort = apiPort;
    this.#stops = stops;
    this.#destination = options.logTo ?? stops.adopt(new LogFile(join(folder.logs, "kassa.log")), endLog);
    this.#log = createLogger({ service: "kassa", destination: this.#destination });
  }

  async run(): Promise<Installation> {
    // Code is read while PostgreSQL starts: the acquirer's by its own process, the services' by this one.
    const acquirerProcess = new AcquirerProcess();
    this.#stops.defer(() => void acquirerProcess.child.kill());
    const loading = import("./embedded-services.ts");
    loading.catch(() => undefined);
    const postgres = await this.#startPostgres();
    const wiring = await this.#wire(postgres);
    const acquirer = await this.#startAcquirer(wiring, acquirerProcess);
    const { startEmbeddedServices } = await loading;
    // Whoever sees it ready has the key and may pay: the key must be known, and refused calls of the acquirer would open the breaker.
    await Promise.all([acquirer.ready, makeMerchantKnown(wiring)]);
    this.#checkpoint();
    const services = await startEmbeddedServices(wiring, this.#options.env, this.#destination);
    for (const stop of services.stops) this.#stops.defer(stop);
    for (const service of services.running) this.#stops.defer(() => this.#stopService(service));
    await Promise.all(services.running.map((service) => service.ready));
    this.#checkpoint();
    announceRunning(this.#folder, {
      url: localUrl(this.#apiPort),
      acquirerUrl: localUrl(wiring.ports.acquirer),
      probesUrl: services.probesUrl,
    });
    this.#stops.defer(() => forgetRunning(this.#folder));
    return this.#installation(wiring.secrets.apiKey);
  }

  #installation(apiKey: string): Installation {
    return {
      url: localUrl(this.#apiPort),
      apiKey,
      folder: this.#folder,
      failed: this.#failed.promise,
      stop: async () => {
        await this.#stops.disposeAsync();
        return this.#isClean;
      },
    };
  }

  async #startPostgres(): Promise<EmbeddedPostgres> {
    const { tell } = this.#options;
    const postgres = await startEmbeddedPostgres({
      dataDir: this.#folder.postgres,
      log: (line) => this.#log.info(line),
      onExit: ({ code, signal, restarting }) => {
        this.#log.warn({ code, signal, restarting }, "PostgreSQL has ended");
        if (restarting) tell(`PostgreSQL has ended (${signal ?? `exit code ${code}`}) and is started again.`);
        else this.#failed.resolve("PostgreSQL ends again and again; its log is in the data folder.");
      },
      onRestart: (pid) => {
        this.#log.info({ pid }, "PostgreSQL runs again");
        tell("PostgreSQL runs again.");
      },
    });
    this.#stops.defer(() => postgres.stop());
    this.#checkpoint();
    return postgres;
  }

  async #wire(postgres: EmbeddedPostgres): Promise<Wiring> {
    const secrets = openSecrets(this.#folder);
    const admin = postgres.connectionString("postgres");
    await Promise.all(Object.values(databases).map((name) => ensureDatabase(admin, name)));
    return {
      secrets,
      ports: {
        api: this.#apiPort,
        fraud: await freePort(),
        acquirer: await freePort(lastAcquirerPort(this.#folder)),
      },
      connectionString: (database) => postgres.connectionString(database),
    };
  }

  async #startAcquirer(wiring: Wiring, first: AcquirerProcess): Promise<SupervisedAcquirer> {
    const acquirer = await superviseAcquirer({
      first,
      folder: this.#folder,
      port: wiring.ports.acquirer,
      env: acquirerEnvironment(wiring),
      onExit: (how) => {
        this.#log.warn({ how }, "the acquirer has ended and is started again");
        this.#options.tell(`The sandbox acquirer has ended (${how}) and is started again.`);
      },
    });
    this.#stops.defer(() => acquirer.stop());
    return acquirer;
  }

  async #stopService(service: RunningService): Promise<void> {
    const isClean = await service.stop();
    this.#isClean &&= isClean;
  }

  #checkpoint(): void {
    this.#options.signal?.throwIfAborted();
  }
}

async function makeMerchantKnown({ connectionString, secrets }: Wiring): Promise<void> {
  const databaseUrl = connectionString(databases.transactions);
  const { migrationsFolder } = await import("@kassa/transactions/service");
  await migrate({ connectionString: databaseUrl, folder: migrationsFolder });
  await ensureSandboxMerchant(databaseUrl, secrets);
}

function endLog(log: LogFile): Promise<void> {
  return new Promise((resolve) => log.end(resolve));
}
