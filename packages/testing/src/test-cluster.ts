import {
  accessSync,
  chmodSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  destroyEmbeddedPostgres,
  identifyProcess,
  isAlive,
  type ProcessIdentity,
  startEmbeddedPostgres,
} from "@kassa/platform/embedded-postgres";

/** A server whose databases live as long as this process. */
export type TestCluster = {
  /** As the superuser, to the database `postgres`. */
  readonly adminUrl: string;
  /** Kills the server and deletes its data. Called by itself when the process exits. */
  destroy(): void;
};

/** A running server to use instead of a new one: `npm test` starts one for all test files and hands it down in this. */
export const POSTGRES_URL_VARIABLE = "KASSA_TEST_POSTGRES_URL";

/** A folder with `postgres` and `initdb` of the version to test against. Default: the embedded one. */
export const POSTGRES_BIN_VARIABLE = "KASSA_TEST_POSTGRES_BIN";

const FOLDER_PREFIX = "kassa-test-postgres-";
const OWNER_FILE = "owner";
const MEMORY_FOLDER = "/dev/shm";
const NEEDED_BYTES = 1024 ** 3;
/** A folder without an owner's name is being made right now, or its maker was killed. */
const ORPHAN_AFTER_MS = 60_000;

/** Nothing here has to outlive the machine, so nothing waits for a disk. Everything else is as in the product. */
const testSettings = {
  fsync: "off",
  full_page_writes: "off",
  shared_buffers: "128MB",
  max_connections: "300",
  dynamic_shared_memory_type: "mmap", // files in the folder, which go with it when the server is killed
};

/** Starts a throw-away server, in memory where there is room, after removing what killed test processes have left. */
export async function startTestCluster(): Promise<TestCluster> {
  const parent = parentFolder();
  removeLeftovers(parent);
  const dataDir = mkdtempSync(join(parent, FOLDER_PREFIX));
  chmodSync(dataDir, 0o755); // as root the server runs as another user, who has to come through
  writeFileSync(join(dataDir, OWNER_FILE), JSON.stringify(identifyProcess(process.pid)));
  const destroy = () => destroyEmbeddedPostgres(dataDir);
  process.once("exit", destroy);
  const binDir = process.env[POSTGRES_BIN_VARIABLE];
  const server = await startEmbeddedPostgres({
    dataDir,
    supervise: false,
    settings: testSettings,
    ...(binDir === undefined || binDir === "" ? {} : { binDir }),
  });
  return { adminUrl: server.connectionString("postgres"), destroy };
}

function parentFolder(): string {
  try {
    accessSync(MEMORY_FOLDER, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return bavail * bsize >= NEEDED_BYTES ? MEMORY_FOLDER : tmpdir();
  } catch {
    return tmpdir();
  }
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    if (name.startsWith(FOLDER_PREFIX) && isLeftover(folder)) destroyEmbeddedPostgres(folder);
  }
}

function isLeftover(folder: string): boolean {
  try {
    return !isAlive(JSON.parse(readFileSync(join(folder, OWNER_FILE), "utf8")) as ProcessIdentity);
  } catch {
    const madeAtMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    return Date.now() - madeAtMs > ORPHAN_AFTER_MS;
  }
}
