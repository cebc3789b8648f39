import { rmSync } from "node:fs";
import { clusterFolder } from "./cluster-folder.ts";
import { sendSignal, serves } from "./launch-cluster.ts";
import { readPidFile } from "./postmaster.ts";
import { processesWorkingIn } from "./process-identity.ts";

/** Dying processes may still create a file between the listing and the removal. */
const REMOVE_RETRIES = 20;
const REMOVE_RETRY_MS = 10;

/**
 * Kills whatever server runs on the folder and deletes the folder. Synchronous, so that it works while a process exits; only for data
 * that is meant to be thrown away.
 */
export function destroyEmbeddedPostgres(dataDir: string): void {
  try {
    const folder = clusterFolder(dataDir);
    const postmaster = readPidFile(folder)?.pid;
    if (postmaster !== undefined && serves(folder, postmaster)) sendSignal(postmaster, "SIGKILL");
    for (const pid of processesWorkingIn(folder.data)) sendSignal(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  rmSync(dataDir, { recursive: true, force: true, maxRetries: REMOVE_RETRIES, retryDelay: REMOVE_RETRY_MS });
}
