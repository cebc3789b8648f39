import { spawn } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.ts";
import { type ClusterFolder, createPassword } from "./cluster-folder.ts";
import { DISK_FULL, EmbeddedPostgresError, noSpace } from "./embedded-postgres-error.ts";
import { chooseRunAs, giveTo, type RunAs, spawnPlan } from "./run-as.ts";

/** Seconds on a laptop; a slow network disk may take a while. */
const INITDB_TIMEOUT_MS = 120_000;

/** The superuser of an embedded cluster. */
export const EMBEDDED_USER = "kassa";

/**
 * Makes a new cluster under another name and renames it when it is complete, so that a kill in between leaves nothing half-made.
 * @param durable false skips writing everything to disk: for data that is thrown away
 * @throws EmbeddedPostgresError `no_space`, `start_failed`, `no_user`
 */
export async function initCluster(
  folder: ClusterFolder,
  binaries: PostgresBinaries,
  user: RunAs["user"],
  durable: boolean,
): Promise<void> {
  const passwordCopy = join(folder.draft, "..", `data.new-password-${process.pid}`);
  mkdirSync(folder.draft, { mode: 0o700 });
  try {
    writeFileSync(passwordCopy, createPassword(folder), { mode: 0o600 });
    giveTo(user, folder.draft, passwordCopy);
    const way = chooseRunAs(user, binaries.initdb, folder.draft);
    await runInitdb(way, binaries.initdb, initdbArguments(folder.draft, passwordCopy, durable), folder);
    renameSync(folder.draft, folder.data);
  } finally {
    removeQuietly(folder.draft);
    removeQuietly(passwordCopy);
  }
}

/** A failure here must not hide the reason why we are cleaning up; the next start tries again. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {}
}

function initdbArguments(draft: string, passwordFile: string, durable: boolean): string[] {
  return [
    `--pgdata=${draft}`,
    `--username=${EMBEDDED_USER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--no-instructions",
    ...(durable ? [] : ["--no-sync"]),
  ];
}

async function runInitdb(way: RunAs, initdb: string, args: string[], folder: ClusterFolder): Promise<void> {
  const plan = spawnPlan(way, initdb, args);
  const child = spawn(plan.program, plan.args, {
    ...plan.ids,
    cwd: "/",
    env: serverEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
    timeout: INITDB_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const end = await new Promise<string | undefined>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("close", (code, signal) => done(code === 0 ? undefined : `initdb ended with ${code ?? signal}`));
  });
  if (end === undefined) return;
  if (DISK_FULL.test(complaint)) throw noSpace(folder.root);
  throw new EmbeddedPostgresError(
    "start_failed",
    `A new PostgreSQL could not be made in ${folder.root}: ${end}. ${complaint.trim()}`,
  );
}

/**
 * A group commit allocates a few MB and frees them. Left to itself glibc gives them back to the kernel each time, and a fifth of the server's
 * time goes into faulting them in again (`perf`); so each backend keeps up to 32 MiB (mallopt(3); the C libraries without these ignore them).
 */
const allocation = {
  MALLOC_MMAP_THRESHOLD_: "33554432",
  MALLOC_TRIM_THRESHOLD_: "33554432",
  MALLOC_TOP_PAD_: "1048576",
};

/** What PostgreSQL's programs see of our environment: nothing secret, and messages in the language that we read. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const path = process.env.PATH;
  return { ...allocation, LC_ALL: "C", ...(path === undefined ? {} : { PATH: path }) };
}
