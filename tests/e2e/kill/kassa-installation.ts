import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine, destroyEmbeddedPostgres, isAlive, type ProcessIdentity } from "@kassa/platform/embedded-postgres";
import { freePorts } from "@kassa/testing/broker-process";
import type { Hit, Kill } from "./kill-schedule.ts";
import { Program } from "./program.ts";
import { shortTimeouts } from "./run-length.ts";
import { KASSA } from "./settled-books.ts";

/** `kassa start` on a folder of its own, and the pids of what it runs. */
export type KassaInstallation = {
  readonly dataDir: string;
  readonly url: string;
  readonly program: Program;
  readonly apiKey: string;
  readonly acquirer: { readonly url: string; readonly token: string };
  readonly kills: { readonly postgres: Kill; readonly acquirer: Kill; readonly kassa: Kill };
  /** The end of Kassa's own log. */
  log(): string;
  /** Kills what is left of it and deletes the folder. */
  destroy(): void;
};

export const KEEP_VARIABLE = "KASSA_TEST_KEEP";

const RESTART_PAUSE_MS = 1_000;
const ALIVE_WITHIN_MS = 60_000;
const POLL_MS = 20;
const LOG_CHARACTERS = 8_000;

export async function startKassa(): Promise<KassaInstallation> {
  const dataDir = mkdtempSync(join(tmpdir(), "kassa-test-kill-"));
  chmodSync(dataDir, 0o755); // as root PostgreSQL runs as another user, who has to come through
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, ...shortTimeouts, KASSA_DATA: dataDir, KASSA_PORT: String(port) };
  const program = new Program({ name: "kassa start", args: [KASSA, "start"], env, readyUrl: `${url}/healthz` });
  const acquirerFile = join(dataDir, "acquirer.json");
  const destroy = () => {
    killAcquirer(acquirerFile);
    if (process.env[KEEP_VARIABLE] !== "1") destroyEmbeddedPostgres(join(dataDir, "postgres"));
    if (process.env[KEEP_VARIABLE] !== "1") rmSync(dataDir, { recursive: true, force: true });
  };
  process.once("exit", destroy);
  await program.start();
  const secrets = readJson<{ apiKey: string; acquirerToken: string }>(join(dataDir, "secrets.json"));
  const postmasterFile = join(dataDir, "postgres", "data", "postmaster.pid");
  const struck = new Set<number>();
  return {
    dataDir,
    url,
    program,
    apiKey: secrets.apiKey,
    acquirer: {
      get url() {
        return `http://127.0.0.1:${readJson<{ port: number }>(acquirerFile).port}`;
      },
      token: secrets.acquirerToken,
    },
    kills: {
      postgres: {
        target: "postgres",
        strike: () => killWhenAlive("PostgreSQL", struck, () => postmasterPid(postmasterFile)),
      },
      acquirer: {
        target: "acquirer",
        strike: () => killWhenAlive("the acquirer", struck, () => alivePid(acquirerFile)),
      },
      kassa: { target: "kassa", strike: () => program.killAndStart(RESTART_PAUSE_MS) },
    },
    log: () => readFileSync(join(dataDir, "logs", "kassa.log"), "utf8").slice(-LOG_CHARACTERS),
    destroy,
  };
}

/** Kassa starts it again. One that is still down is waited for: a kill that hits nothing proves nothing. */
async function killWhenAlive(name: string, struck: Set<number>, find: () => number | undefined): Promise<Hit> {
  const giveUpAtMs = Date.now() + ALIVE_WITHIN_MS;
  for (;;) {
    const pid = find();
    if (pid !== undefined && !struck.has(pid) && sendKill(pid)) {
      struck.add(pid);
      return { pid, back: Promise.resolve() };
    }
    if (Date.now() > giveUpAtMs) throw new Error(`${name} did not run within ${ALIVE_WITHIN_MS} ms`);
    await sleep(POLL_MS);
  }
}

/** Of a postmaster that serves: its file then ends with the word ready. For a moment of a start the file names Kassa in its place. */
function postmasterPid(file: string): number | undefined {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const pid = Number(lines[0]);
    return lines[7]?.trim() === "ready" && commandLine(pid).includes(dirname(file)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function alivePid(file: string): number | undefined {
  try {
    const record = readJson<ProcessIdentity>(file);
    return isAlive(record) ? record.pid : undefined;
  } catch {
    return undefined;
  }
}

function killAcquirer(file: string): void {
  const pid = alivePid(file);
  if (pid !== undefined) sendKill(pid);
}

function sendKill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
