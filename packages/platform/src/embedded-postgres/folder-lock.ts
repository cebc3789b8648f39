import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";

export type FolderLock = { release(): void };

/** Two takeovers can cross once or twice; more means that something else is wrong. */
const MAX_ATTEMPTS = 10;

/**
 * Takes the lock file for this process. A lock whose process is gone (SIGKILL, power cut) is taken over.
 * @throws EmbeddedPostgresError `folder_in_use` while another process, or this one, holds it
 */
export function lockFolder(folder: string, lockFile: string): FolderLock {
  const own = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: "unknown" };
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (tryLink(draft, lockFile)) return { release: () => rmSync(lockFile, { force: true }) };
      const holder = lockHolder(lockFile);
      if (holder !== undefined) throw inUse(folder, holder);
      removeStale(lockFile);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new EmbeddedPostgresError(
    "folder_in_use",
    `The lock file ${lockFile} keeps changing. Is another Kassa starting?`,
  );
}

/** The living process that holds the lock, or undefined. */
export function lockHolder(lockFile: string): ProcessIdentity | undefined {
  const holder = parseLock(readLock(lockFile));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

function inUse(folder: string, holder: ProcessIdentity): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    "folder_in_use",
    `The data folder ${folder} is in use by process ${holder.pid}. Stop that one first, or choose another folder with KASSA_DATA=<folder>.`,
  );
}

/** A link, unlike an exclusive open, makes the file and its content appear at once. */
function tryLink(draft: string, lockFile: string): boolean {
  try {
    linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves the lock away and looks at what it moved: if somebody renewed it in between, it goes back. */
function removeStale(lockFile: string): void {
  const moved = `${lockFile}.stale.${process.pid}`;
  try {
    renameSync(lockFile, moved);
  } catch {
    return;
  }
  if (lockHolder(moved) !== undefined) tryLink(moved, lockFile);
  rmSync(moved, { force: true });
}

function readLock(lockFile: string): string {
  try {
    return readFileSync(lockFile, "utf8");
  } catch {
    return "";
  }
}

function parseLock(text: string): ProcessIdentity | undefined {
  try {
    const lock = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof lock.pid === "number" && typeof lock.startedAt === "string"
      ? { pid: lock.pid, startedAt: lock.startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}
