import { setTimeout as sleep } from "node:timers/promises";
import { resolveBinaries } from "./binaries.ts";
import {
  type ClusterFolder,
  checkDataVersion,
  clusterFolder,
  dataVersion,
  openClusterFolder,
  readPassword,
  readPort,
  removeDrafts,
  rotateLog,
} from "./cluster-folder.ts";
import { folderError } from "./embedded-postgres-error.ts";
import { type FolderLock, lockFolder, lockHolder } from "./folder-lock.ts";
import { EMBEDDED_USER, initCluster } from "./init-cluster.ts";
import {
  adoptCluster,
  endOrphans,
  FAST_STOP,
  type LaunchPlan,
  launchCluster,
  type RunningCluster,
  signalProcess,
  stopProcess,
} from "./launch-cluster.ts";
import { HOST, type Postmaster, type PostmasterExit } from "./postmaster.ts";
import { chooseUser } from "./run-as.ts";
import type { ServerSettings } from "./server-settings.ts";

export type EmbeddedPostgresOptions = {
  /** Everything of the cluster lies below it: data, password, port, log, lock. Made when it is missing. */
  readonly dataDir: string;
  /** 1 to 65535. Default: the port of the last start while it is free, else a free one. */
  readonly port?: number;
  /** Laid over the settings for a laptop, e.g. `{ shared_buffers: "64MB" }`. `fsync: "off"` also spares initdb the writing to disk. */
  readonly settings?: ServerSettings;
  /** A folder with `postgres` and `initdb` of another installation. Default: the npm package's. */
  readonly binDir?: string;
  /** Start the server again when it ends by itself or is killed. Default true. */
  readonly supervise?: boolean;
  /** How long a start, with recovery, may take, in milliseconds. Default 120000. */
  readonly startTimeoutMs?: number;
  /** The server has ended though nobody called stop. */
  readonly onExit?: (exit: EmbeddedPostgresExit) => void;
  /** It runs again, on the same port. */
  readonly onRestart?: (pid: number) => void;
  /** One sentence of progress a call. */
  readonly log?: (line: string) => void;
};

export type EmbeddedPostgresExit = PostmasterExit & {
  /** False: it was not supervised, or has ended too often in a row; it stays down. */
  readonly restarting: boolean;
};

/** Where a cluster can be reached. */
export type EmbeddedPostgresAddress = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  connectionString(database: string): string;
};

export type EmbeddedPostgres = EmbeddedPostgresAddress & {
  /** Of the postmaster that runs now; another one after a restart. */
  readonly pid: number;
  /** True when an earlier Kassa, killed, had left it running. */
  readonly adopted: boolean;
  /** Stops the server (also an adopted one), within 40 s at the worst, and frees the folder. */
  stop(): Promise<void>;
  /** Sends the postmaster a signal: for experiments. A supervised server comes back. */
  kill(signal: NodeJS.Signals): void;
};

const START_TIMEOUT_MS = 120_000;

/**
 * Starts the PostgreSQL of a data folder, makes it first when the folder is new, or adopts the one that already runs there.
 * @throws EmbeddedPostgresError with a sentence that says what to do
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = openClusterFolder(options.dataDir);
  const lock = lockFolder(folder.root, folder.lockFile);
  try {
    const plan = await prepareCluster(folder, options);
    const adopted = await adoptCluster(plan);
    const running = adopted ?? (await launchCluster(plan));
    options.log?.(
      `PostgreSQL ${plan.binaries.majorVersion} ${adopted ? "adopted" : "started"} on port ${running.port}`,
    );
    return new SupervisedPostgres(plan, lock, running, adopted !== undefined, options);
  } catch (error) {
    lock.release();
    throw isSystemError(error) ? folderError(folder.root, error) : error;
  }
}

/** The address of the cluster that another process runs on the folder, or undefined when none does. */
export function findEmbeddedPostgres(dataDir: string): EmbeddedPostgresAddress | undefined {
  try {
    const folder = clusterFolder(dataDir);
    const port = readPort(folder);
    if (port === undefined || lockHolder(folder.lockFile) === undefined) return undefined;
    return addressOf(port, readPassword(folder));
  } catch {
    return undefined;
  }
}

async function prepareCluster(folder: ClusterFolder, options: EmbeddedPostgresOptions): Promise<LaunchPlan> {
  const binaries = resolveBinaries(options.binDir);
  const settings = options.settings ?? {};
  checkDataVersion(folder, binaries.majorVersion);
  removeDrafts(folder);
  rotateLog(folder);
  const user = chooseUser(folder.data);
  if (dataVersion(folder) === undefined) {
    options.log?.(`making a new PostgreSQL ${binaries.majorVersion} in ${folder.root}`);
    await initCluster(folder, binaries, user, settings.fsync !== "off");
  }
  const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  return { folder, binaries, user, password: readPassword(folder), settings, fixedPort: options.port, startTimeoutMs };
}

/** A server that ran this long has recovered for good: what follows is counted anew. */
const STABLE_AFTER_MS = 60_000;
const MAX_RESTARTS_IN_A_ROW = 10;
const MAX_BACK_OFF_MS = 5_000;

class SupervisedPostgres implements EmbeddedPostgres {
  readonly host = HOST;
  readonly user = EMBEDDED_USER;
  readonly port: number;
  readonly password: string;
  readonly adopted: boolean;
  readonly #plan: LaunchPlan;
  readonly #lock: FolderLock;
  readonly #options: EmbeddedPostgresOptions;
  #postmaster: Postmaster;
  #stopping: Promise<void> | undefined;
  #restarting = false;
  #supervision: Promise<void>;

  constructor(
    plan: LaunchPlan,
    lock: FolderLock,
    running: RunningCluster,
    adopted: boolean,
    options: EmbeddedPostgresOptions,
  ) {
    this.#plan = { ...plan, fixedPort: running.port };
    this.#lock = lock;
    this.#options = options;
    this.port = running.port;
    this.password = plan.password;
    this.adopted = adopted;
    this.#postmaster = running.postmaster;
    this.#supervision = this.#supervise();
  }

  get pid(): number {
    return this.#postmaster.identity.pid;
  }

  connectionString(database: string): string {
    return addressOf(this.port, this.password).connectionString(database);
  }

  kill(signal: NodeJS.Signals): void {
    signalProcess(this.#postmaster.identity, signal);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    // A restart in progress goes through first: its server is then stopped like any other.
    if (!this.#restarting) await stopProcess(this.#plan.folder, this.#postmaster.identity, FAST_STOP);
    // The server was not to keep this process alive; the news of its end must.
    const awake = setInterval(() => undefined, STABLE_AFTER_MS);
    await this.#supervision;
    clearInterval(awake);
    await stopProcess(this.#plan.folder, this.#postmaster.identity, FAST_STOP);
    this.#lock.release();
  }

  async #supervise(): Promise<void> {
    for (let restarts = 0; ; restarts++) {
      const since = Date.now();
      const exit = await this.#postmaster.exited;
      if (this.#stopping !== undefined) return;
      if (Date.now() - since > STABLE_AFTER_MS) restarts = 0;
      const restarting = this.#options.supervise !== false && restarts < MAX_RESTARTS_IN_A_ROW;
      this.#options.onExit?.({ ...exit, restarting });
      if (!restarting) return;
      this.#restarting = true;
      const restarted = await this.#restart(restarts);
      this.#restarting = false;
      if (!restarted || this.#stopping !== undefined) return;
      this.#options.onRestart?.(this.pid);
    }
  }

  /** False when stop was called meanwhile or every try failed. */
  async #restart(earlier: number): Promise<boolean> {
    for (let tries = earlier; tries < MAX_RESTARTS_IN_A_ROW; tries++) {
      if (tries > 0) await sleep(Math.min(MAX_BACK_OFF_MS, 50 * 2 ** tries));
      if (this.#stopping !== undefined) return false;
      endOrphans(this.#plan.folder);
      try {
        this.#postmaster = (await launchCluster(this.#plan)).postmaster;
        return true;
      } catch (error) {
        this.#options.log?.(`PostgreSQL could not be restarted: ${(error as Error).message}`);
      }
    }
    this.#options.onExit?.({ code: null, signal: null, restarting: false });
    return false;
  }
}

function addressOf(port: number, password: string): EmbeddedPostgresAddress {
  return {
    host: HOST,
    port,
    user: EMBEDDED_USER,
    password,
    connectionString: (database) =>
      `postgres://${EMBEDDED_USER}:${password}@${HOST}:${port}/${encodeURIComponent(database)}`,
  };
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | undefined)?.errno === "number";
}
