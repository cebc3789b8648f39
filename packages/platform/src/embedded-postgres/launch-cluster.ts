import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PostgresBinaries } from "./binaries.ts";
import { type ClusterFolder, readPort, rememberPort } from "./cluster-folder.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import {
  answers,
  HOST,
  launch,
  type PidFile,
  type Postmaster,
  readPidFile,
  settingsFile,
  watchPostmaster,
} from "./postmaster.ts";
import {
  commandLine,
  identifyProcess,
  isAlive,
  type ProcessIdentity,
  processesWorkingIn,
  sendSignal,
} from "./process-identity.ts";
import type { RunAs } from "./run-as.ts";
import { renderServerSettings, type ServerSettings } from "./server-settings.ts";

/** All that a start needs to know. */
export type LaunchPlan = {
  readonly folder: ClusterFolder;
  readonly binaries: PostgresBinaries;
  readonly user: RunAs["user"];
  readonly password: string;
  readonly settings: ServerSettings;
  /** The caller's port; undefined: the last one while it is free, else any. */
  readonly fixedPort: number | undefined;
  readonly startTimeoutMs: number;
};

export type RunningCluster = { readonly postmaster: Postmaster; readonly port: number };

const MAX_LAUNCHES = 20;
/** Processes of a killed server are gone within milliseconds of SIGKILL; this is the step between looks. */
const ATTACHED_PAUSE_MS = 25;
const POLL_MS = 20;

type StopStep = { readonly signal: NodeJS.Signals; readonly waitMs: number };

/** SIGINT disconnects everybody and writes a checkpoint; SIGQUIT leaves at once, and the next start recovers. */
export const FAST_STOP: readonly StopStep[] = [
  { signal: "SIGINT", waitMs: 30_000 },
  { signal: "SIGQUIT", waitMs: 5_000 },
  { signal: "SIGKILL", waitMs: 5_000 },
];
const IMMEDIATE_STOP: readonly StopStep[] = [
  { signal: "SIGQUIT", waitMs: 2_000 },
  { signal: "SIGKILL", waitMs: 5_000 },
];

/**
 * The server that an earlier Kassa left running on this folder, when it answers and has the settings that are wanted now. One that
 * does not is stopped. Undefined: nothing runs, a new one can start. Only for the holder of the lock.
 */
export async function adoptCluster(plan: LaunchPlan): Promise<RunningCluster | undefined> {
  const file = readPidFile(plan.folder);
  if (file === undefined) return undefined;
  const identity = identifyProcess(file.pid);
  if (identity === undefined || !serves(plan.folder, file.pid)) return undefined;
  const ready = await settled(plan, identity);
  const answering = ready !== undefined && (await answers(plan.folder, ready.port, plan.password));
  if (ready !== undefined && answering && hasSettings(plan, ready.port)) {
    rememberPort(plan.folder, ready.port);
    return { postmaster: watchPostmaster(identity), port: ready.port };
  }
  await stopProcess(plan.folder, identity, answering ? FAST_STOP : IMMEDIATE_STOP);
  return undefined;
}

/**
 * Starts a server on the folder, waiting for what an earlier one left to go away and stepping aside from a port that is taken.
 * @throws EmbeddedPostgresError the errors of launch
 */
export async function launchCluster(plan: LaunchPlan): Promise<RunningCluster> {
  let port = plan.fixedPort ?? readPort(plan.folder) ?? (await freePort());
  for (let attempt = 1; ; attempt++) {
    try {
      disownPidFile(plan.folder);
      const settings = renderServerSettings(port, plan.settings);
      const postmaster = await launch(plan.folder, plan.binaries, plan.user, settings, plan.startTimeoutMs);
      rememberPort(plan.folder, port);
      return { postmaster, port };
    } catch (error) {
      const code = error instanceof EmbeddedPostgresError ? error.code : undefined;
      if (code === "port_busy" && plan.fixedPort !== undefined) throw portBusy(plan.fixedPort, error);
      if (attempt >= MAX_LAUNCHES || (code !== "attached" && code !== "port_busy")) throw error;
      if (code === "port_busy") port = await freePort();
      if (code === "attached") endOrphans(plan.folder);
      await sleep(ATTACHED_PAUSE_MS * attempt);
    }
  }
}

/** Signals step by step until the process is gone; then ends what it may have left. */
export async function stopProcess(
  folder: ClusterFolder,
  identity: ProcessIdentity,
  steps: readonly StopStep[],
): Promise<void> {
  for (const { signal, waitMs } of steps) {
    signalProcess(identity, signal);
    const deadline = Date.now() + waitMs;
    while (isAlive(identity) && Date.now() < deadline) await sleep(POLL_MS);
    if (!isAlive(identity)) break;
  }
  endOrphans(folder);
}

/**
 * When a postmaster is killed, its children leave as soon as they notice; one in the middle of a long statement does not. They can do
 * nothing useful any more, and a new server cannot start beside them. What they had not committed is undone by recovery.
 */
export function endOrphans(folder: ClusterFolder): void {
  const file = readPidFile(folder);
  if (file !== undefined && identifyProcess(file.pid) !== undefined && serves(folder, file.pid)) return;
  for (const pid of processesWorkingIn(folder.data)) sendSignal(pid, "SIGKILL");
}

/** Sends the signal if the very process still lives. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(identity)) sendSignal(identity.pid, signal);
}

/** True when the process is a PostgreSQL on this folder. */
export function serves(folder: ClusterFolder, pid: number): boolean {
  if (pid === process.pid) return false;
  const command = commandLine(pid);
  return (
    (command.includes("postgres") && command.includes(folder.data)) || processesWorkingIn(folder.data).includes(pid)
  );
}

/**
 * A server refuses to start while the process that postmaster.pid names exists, even when that one is a zombie or, its id reused, no
 * PostgreSQL at all; but it ignores its own parent's id. The file itself must stay: it tells the server which shared memory to check.
 */
function disownPidFile(folder: ClusterFolder): void {
  const file = readPidFile(folder);
  if (file === undefined || (identifyProcess(file.pid) !== undefined && serves(folder, file.pid))) return;
  const path = join(folder.data, "postmaster.pid");
  writeFileSync(path, readFileSync(path, "utf8").replace(/^\d+/, String(process.pid)));
}

/** Waits until the server is ready; undefined when it ends or takes too long. */
async function settled(plan: LaunchPlan, identity: ProcessIdentity): Promise<PidFile | undefined> {
  const deadline = Date.now() + plan.startTimeoutMs;
  while (isAlive(identity) && Date.now() < deadline) {
    const file = readPidFile(plan.folder);
    if (file?.pid === identity.pid && file.status === "ready") return file;
    await sleep(POLL_MS);
  }
  return undefined;
}

function hasSettings(plan: LaunchPlan, port: number): boolean {
  if (plan.fixedPort !== undefined && plan.fixedPort !== port) return false;
  return readFileSync(settingsFile(plan.folder), "utf8") === renderServerSettings(port, plan.settings);
}

function portBusy(port: number, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    "port_busy",
    `Port ${port}, which PostgreSQL was to use, is taken. Free it, or leave the choice of a port to Kassa.`,
    { cause },
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(0, HOST, done);
  });
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
