import { clusterFolder, removeTree } from "./cluster-folder.ts";
import { serves } from "./launch-cluster.ts";
import { readPidFile } from "./postmaster.ts";
import { identifyProcess, isAlive, processesWorkingIn, sendSignal } from "./process-identity.ts";

/** Given the time, a server takes its shared memory along when it goes. */
const QUIT_MS = 1_000;
const POLL_MS = 5;

/**
 * Ends whatever server runs on the folder, without a checkpoint, and deletes the folder. Synchronous, so that it works while a process
 * exits; only for data that is meant to be thrown away.
 */
export function destroyEmbeddedPostgres(dataDir: string): void {
  try {
    const folder = clusterFolder(dataDir);
    const postmaster = readPidFile(folder)?.pid;
    if (postmaster !== undefined && serves(folder, postmaster)) quit(postmaster);
    for (const pid of processesWorkingIn(folder.data)) sendSignal(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  removeTree(dataDir);
}

function quit(pid: number): void {
  const identity = identifyProcess(pid);
  if (identity === undefined) return;
  sendSignal(pid, "SIGQUIT");
  const ticks = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + QUIT_MS;
  while (isAlive(identity) && Date.now() < deadline) Atomics.wait(ticks, 0, 0, POLL_MS);
  if (isAlive(identity)) sendSignal(pid, "SIGKILL");
}
