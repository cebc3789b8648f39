import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { PostgresBinaries } from "./binaries.ts";
import type { ClusterFolder } from "./cluster-folder.ts";
import { DISK_FULL, EmbeddedPostgresError, noSpace } from "./embedded-postgres-error.ts";
import { EMBEDDED_USER, serverEnvironment } from "./init-cluster.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";
import { chooseRunAs, giveTo, type RunAs, spawnPlan } from "./run-as.ts";

export const HOST = "127.0.0.1";

/** One running server process, started by us or left by a Kassa that was killed. */
export type Postmaster = {
  readonly identity: ProcessIdentity;
  /** Resolves when the process is gone. */
  readonly exited: Promise<PostmasterExit>;
};

export type PostmasterExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** What the server writes into postmaster.pid: see miscadmin.h in its source for the lines. */
export type PidFile = { readonly pid: number; readonly port: number; readonly status: string };

const POLL_MS = 10;
const ADOPTED_POLL_MS = 100;
const CONNECT_TIMEOUT_MS = 5_000;
const LOG_TAIL_BYTES = 4_000;

/** What the log says when a start failed, and what it means. First match wins. */
const FAILURES = [
  { pattern: DISK_FULL, code: "no_space" },
  { pattern: /could not create any TCP\/IP sockets|could not bind/, code: "port_busy" },
  { pattern: /pre-existing shared memory block|lock file "postmaster.pid" already exists/, code: "attached" },
] as const;

/**
 * Starts a server and waits until it takes connections; recovery after a kill is part of the wait. It runs in a session of its own, so that
 * Ctrl-C reaches only us and the services can finish before their database goes.
 * @throws EmbeddedPostgresError `port_busy`, `attached`, `no_space`, `start_failed`, `start_timeout`
 */
export async function launch(
  folder: ClusterFolder,
  binaries: PostgresBinaries,
  user: RunAs["user"],
  settings: string,
  timeoutMs: number,
): Promise<Postmaster> {
  writeSettings(folder, user, settings);
  const way = chooseRunAs(user, binaries.postgres, folder.data);
  const plan = spawnPlan(way, binaries.postgres, ["-D", folder.data]);
  const log = openSync(folder.logFile, "a", 0o600);
  const logStart = fstatSync(log).size;
  const stdio = ["ignore", log, log] as const;
  const child = spawn(plan.program, plan.args, {
    ...plan.ids,
    cwd: "/",
    env: serverEnvironment(),
    detached: true,
    stdio: [...stdio],
  });
  closeSync(log);
  const exited = childExit(child);
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + timeoutMs;
  while (!ended && Date.now() < deadline) {
    const identity = readyIdentity(folder, child.pid);
    if (identity !== undefined) {
      child.unref(); // a running server alone keeps nobody's process alive
      return { identity, exited };
    }
    await sleep(POLL_MS);
  }
  if (ended) throw startFailure(folder, logStart);
  child.kill("SIGKILL");
  await exited;
  throw new EmbeddedPostgresError(
    "start_timeout",
    `PostgreSQL in ${folder.root} was not ready after ${timeoutMs} ms. Its log: ${folder.logFile}`,
  );
}

/** A server that somebody else started: its end is noticed by looking. */
export function watchPostmaster(identity: ProcessIdentity): Postmaster {
  const exited = new Promise<PostmasterExit>((done) => {
    const timer = setInterval(() => {
      if (isAlive(identity)) return;
      clearInterval(timer);
      done({ code: null, signal: null });
    }, ADOPTED_POLL_MS);
    timer.unref();
  });
  return { identity, exited };
}

/** postmaster.pid, or undefined when there is none or it is not complete yet. */
export function readPidFile(folder: ClusterFolder): PidFile | undefined {
  try {
    const lines = readFileSync(join(folder.data, "postmaster.pid"), "utf8").split("\n");
    const pid = Number(lines[0]);
    const port = Number(lines[3]);
    return Number.isInteger(pid) && pid > 0 ? { pid, port, status: (lines[7] ?? "").trim() } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * True when the server at `port` lets us in with our password and serves this very folder.
 * A refused or wrong login is false; it never throws.
 */
export async function answers(folder: ClusterFolder, port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: HOST,
    port,
    user: EMBEDDED_USER,
    password,
    database: "postgres",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder");
    return rows[0]?.folder === folder.data;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The file is replaced whole, so that a kill leaves either the old text or the new one. */
function writeSettings(folder: ClusterFolder, user: RunAs["user"], settings: string): void {
  const file = settingsFile(folder);
  writeFileSync(`${file}.new`, settings, { mode: 0o600 });
  giveTo(user, `${file}.new`);
  renameSync(`${file}.new`, file);
}

export function settingsFile(folder: ClusterFolder): string {
  return join(folder.data, "postgresql.conf");
}

function readyIdentity(folder: ClusterFolder, pid: number | undefined): ProcessIdentity | undefined {
  const file = readPidFile(folder);
  return pid !== undefined && file?.pid === pid && file.status === "ready" ? identifyProcess(pid) : undefined;
}

function childExit(child: ChildProcess): Promise<PostmasterExit> {
  return new Promise((done) => {
    child.once("error", () => done({ code: null, signal: null }));
    child.once("exit", (code, signal) => done({ code, signal }));
  });
}

function startFailure(folder: ClusterFolder, logStart: number): EmbeddedPostgresError {
  const text = logSince(folder.logFile, logStart);
  const code = FAILURES.find(({ pattern }) => pattern.test(text))?.code ?? "start_failed";
  if (code === "no_space") return noSpace(folder.root);
  return new EmbeddedPostgresError(
    code,
    `PostgreSQL in ${folder.root} did not start. Its log (${folder.logFile}) ends with: ${text.trim()}`,
  );
}

function logSince(file: string, start: number): string {
  const log = openSync(file, "r");
  try {
    const from = Math.max(start, fstatSync(log).size - LOG_TAIL_BYTES);
    const buffer = Buffer.alloc(LOG_TAIL_BYTES);
    return buffer.toString("utf8", 0, readSync(log, buffer, 0, LOG_TAIL_BYTES, from));
  } finally {
    closeSync(log);
  }
}
