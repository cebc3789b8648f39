import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type EmbeddedPostgres,
  EmbeddedPostgresError,
  ensureDatabase,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from "@kassa/platform/embedded-postgres";
import { type DataFolder, dataFolder } from "../installation/data-folder.ts";
import { acquirerEnvironment, databases, localUrl } from "../installation/environments.ts";
import { freePort } from "../installation/free-port.ts";
import { Refusal } from "../installation/refusal.ts";
import { findRunning } from "../installation/running-file.ts";
import { readSecrets, type Secrets } from "../installation/secrets.ts";
import { lastAcquirerPort, superviseAcquirer } from "../installation/supervised-acquirer.ts";

/** Where the books are: what was given, else the local installation's. */
export type BooksOptions = {
  readonly data: string;
  /** Of the transactions service's database. */
  readonly databaseUrl?: string;
  readonly acquirerUrl?: string;
  readonly acquirerToken?: string;
};

/** The parts of the product that a look at the books needs, for as long as the look takes. */
export type Books = {
  /** Where they are, for people. */
  readonly name: string;
  readonly databaseUrl: string;
  readonly acquirer: { readonly url: string; readonly token: string } | undefined;
  /** Stops what was started for this look, and only that. */
  close(): Promise<void>;
};

/** Another command works on the folder for a moment, or Kassa is just starting there. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 200;

/**
 * Opens the given database, or the local installation: beside it while it runs, else by starting its PostgreSQL and, when
 * `withAcquirer`, its acquirer until `close`.
 * @throws Refusal or EmbeddedPostgresError with a sentence that says what to do
 */
export async function openBooks(options: BooksOptions, withAcquirer: boolean): Promise<Books> {
  const { databaseUrl, acquirerUrl, acquirerToken } = options;
  if ((acquirerUrl === undefined) !== (acquirerToken === undefined)) {
    throw new Refusal("--acquirer-url and --acquirer-token belong together: give both or neither.");
  }
  const acquirer =
    acquirerUrl === undefined || acquirerToken === undefined ? undefined : { url: acquirerUrl, token: acquirerToken };
  if (databaseUrl !== undefined) return { name: "the given database", databaseUrl, acquirer, close: async () => {} };
  if (acquirer !== undefined) throw new Refusal("--acquirer-url without --database-url: say where the books are, too.");
  return openLocal(dataFolder(options.data), withAcquirer);
}

async function openLocal(folder: DataFolder, withAcquirer: boolean): Promise<Books> {
  const secrets = readSecrets(folder);
  if (secrets === undefined || !existsSync(join(folder.postgres, "data"))) {
    throw new Refusal(
      `There are no books in ${folder.root} yet. Start Kassa there once (npm start), or name another folder with KASSA_DATA=<folder>.`,
    );
  }
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const running = findRunningBooks(folder, secrets);
    if (running !== undefined) return running;
    try {
      return await startBooks(folder, secrets, withAcquirer);
    } catch (error) {
      const isBusy = error instanceof EmbeddedPostgresError && error.code === "folder_in_use";
      if (!isBusy || Date.now() > giveUpAtMs) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

function findRunningBooks(folder: DataFolder, secrets: Secrets): Books | undefined {
  const running = findRunning(folder);
  const postgres = findEmbeddedPostgres(folder.postgres);
  if (running === undefined || postgres === undefined) return undefined;
  return {
    name: folder.root,
    databaseUrl: postgres.connectionString(databases.transactions),
    acquirer: { url: running.acquirerUrl, token: secrets.acquirerToken },
    close: async () => {},
  };
}

async function startBooks(folder: DataFolder, secrets: Secrets, withAcquirer: boolean): Promise<Books> {
  const stops = new AsyncDisposableStack();
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: folder.postgres });
    stops.defer(() => postgres.stop());
    return {
      name: folder.root,
      databaseUrl: postgres.connectionString(databases.transactions),
      acquirer: withAcquirer ? await startAcquirer(folder, secrets, postgres, stops) : undefined,
      close: () => stops.disposeAsync(),
    };
  } catch (error) {
    await stops.disposeAsync();
    throw error;
  }
}

/** Between two looks for webhooks that are due: nobody is there to take them, so as few as possible are tried. */
const QUIET_POLL_MS = "10000";

async function startAcquirer(
  folder: DataFolder,
  secrets: Secrets,
  postgres: EmbeddedPostgres,
  stops: AsyncDisposableStack,
): Promise<Books["acquirer"]> {
  await ensureDatabase(postgres.connectionString("postgres"), databases.acquirer);
  const port = await freePort(lastAcquirerPort(folder));
  // No API runs: a port that is free now is one that refuses webhooks, and they are sent again later.
  const ports = { acquirer: port, api: await freePort(), fraud: 0 };
  const connectionString = (database: string) => postgres.connectionString(database);
  const env = { ...acquirerEnvironment({ secrets, ports, connectionString }), POLL_MS: QUIET_POLL_MS };
  const acquirer = await superviseAcquirer({ folder, port, env });
  stops.defer(() => acquirer.stop());
  await acquirer.ready;
  return { url: localUrl(port), token: secrets.acquirerToken };
}
