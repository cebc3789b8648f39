import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { EmbeddedPostgresError, folderError } from "./embedded-postgres-error.ts";
import { processesNaming, processesWorkingIn, sendSignal } from "./process-identity.ts";

/** Where the parts of one embedded PostgreSQL lie below its data folder. */
export type ClusterFolder = {
  readonly root: string;
  /** PGDATA. Complete whenever it exists: it is made under another name and renamed. */
  readonly data: string;
  /** PGDATA while initdb works on it. */
  readonly draft: string;
  readonly passwordFile: string;
  readonly portFile: string;
  readonly lockFile: string;
  readonly logFile: string;
};

const REMOVE_RETRIES = 20;
const REMOVE_RETRY_MS = 10;
const PASSWORD_BYTES = 24;
const DRAFT_PREFIX = "data.new-";
/** Bytes; a bigger log is put aside at the next start, and the one put aside before it is dropped. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/**
 * Makes the folder when it is new and shows that it can be written to, before anything else is tried.
 * @throws EmbeddedPostgresError `folder_unwritable`, `no_space`
 */
export function openClusterFolder(dataDir: string): ClusterFolder {
  try {
    makeFolder(dataDir);
    const folder = clusterFolder(dataDir);
    const probe = join(folder.root, `.probe-${process.pid}`);
    writeFileSync(probe, "kassa");
    rmSync(probe);
    return folder;
  } catch (cause) {
    throw folderError(resolve(dataDir), cause);
  }
}

/** On a read-only file system the recursive form reports a missing folder; the plain form tells the true reason. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    if (existsSync(dirname(path))) mkdirSync(path);
    throw error;
  }
}

/** The paths in an existing folder, without symbolic links, so that one folder always has the same name. */
export function clusterFolder(dataDir: string): ClusterFolder {
  const root = realpathSync(dataDir);
  return {
    root,
    data: join(root, "data"),
    draft: join(root, `${DRAFT_PREFIX}${process.pid}`),
    passwordFile: join(root, "password"),
    portFile: join(root, "port"),
    lockFile: join(root, "lock"),
    logFile: join(root, "postgres.log"),
  };
}

/** Removes what a killed process has left of a new cluster, and ends the initdb that may still work on it. Only for the holder of the lock. */
export function removeDrafts(folder: ClusterFolder): void {
  for (const name of readdirSync(folder.root)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue;
    const draft = join(folder.root, name);
    for (const pid of [...processesNaming(draft), ...processesWorkingIn(draft)]) sendSignal(pid, "SIGKILL");
    removeTree(draft);
  }
}

/** Deletes a folder in which processes that are being killed may still make a file. */
export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: REMOVE_RETRIES, retryDelay: REMOVE_RETRY_MS });
}

/** Puts a big log aside, so that logs take a bounded part of the disk. */
export function rotateLog(folder: ClusterFolder): void {
  const size = statSync(folder.logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(folder.logFile, `${folder.logFile}.1`);
}

/** A password for a new cluster. In the folder in a file that only its owner can read. */
export function createPassword(folder: ClusterFolder): string {
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  rmSync(folder.passwordFile, { force: true });
  writeFileSync(folder.passwordFile, `${password}\n`, { mode: 0o600, flush: true });
  return password;
}

/** @throws EmbeddedPostgresError `folder_incomplete` */
export function readPassword(folder: ClusterFolder): string {
  const password = readText(folder.passwordFile);
  if (password !== undefined && password !== "") return password;
  throw new EmbeddedPostgresError(
    "folder_incomplete",
    `The file ${folder.passwordFile} is missing or cannot be read, so nobody can log in to the data beside it. Restore it, or choose another folder with KASSA_DATA=<folder>.`,
  );
}

/** The port of the last start, or undefined. */
export function readPort(folder: ClusterFolder): number | undefined {
  const port = Number(readText(folder.portFile));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

export function rememberPort(folder: ClusterFolder, port: number): void {
  writeFileSync(folder.portFile, `${port}\n`);
}

/** The major version that wrote the data, or undefined for a new folder. */
export function dataVersion(folder: ClusterFolder): number | undefined {
  if (!existsSync(folder.data)) return undefined;
  return Number(readText(join(folder.data, "PG_VERSION")) ?? Number.NaN);
}

/** @throws EmbeddedPostgresError `folder_version` when the data is not of `majorVersion` */
export function checkDataVersion(folder: ClusterFolder, majorVersion: number): void {
  const found = dataVersion(folder);
  if (found === undefined || found === majorVersion) return;
  throw new EmbeddedPostgresError(
    "folder_version",
    Number.isNaN(found)
      ? `${folder.data} exists but holds no PostgreSQL data that can be read. Move it away, or choose another folder with KASSA_DATA=<folder>.`
      : `The data in ${folder.data} was written by PostgreSQL ${found}, and this Kassa runs PostgreSQL ${majorVersion}. Dump it with pg_dumpall of version ${found} and load it into a new folder (KASSA_DATA=<folder>).`,
  );
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
