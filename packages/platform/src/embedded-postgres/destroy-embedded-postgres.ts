import { clusterFolder, removeTree } from "./cluster-folder.ts";
import { serves } from "./launch-cluster.ts";
import { readPidFile } from "./postmaster.ts";
import { processesWorkingIn, sendSignal } from "./process-identity.ts";

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
  removeTree(dataDir);
}
