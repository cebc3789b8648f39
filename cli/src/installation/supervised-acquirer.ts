import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identifyProcess, isAlive, type ProcessIdentity } from "@kassa/platform/embedded-postgres";
import { AcquirerProcess } from "./acquirer-process.ts";
import { type DataFolder, writeOwnFile } from "./data-folder.ts";
import type { Env } from "./environments.ts";
import { HOST } from "./free-port.ts";
import { LogFile } from "./log-file.ts";
import { Refusal } from "./refusal.ts";

export type AcquirerOptions = {
  readonly folder: DataFolder;
  readonly port: number;
  /** Laid over this process's own. */
  readonly env: Env;
  /** One that was started ahead, to be used first. */
  readonly first?: AcquirerProcess;
  /** It has ended though nobody asked it to, and is started again. */
  readonly onExit?: (how: string) => void;
};

/** The acquirer in a process of its own, started again whenever it ends. */
export type SupervisedAcquirer = {
  /** Resolves when it answers; rejects with a Refusal when it does not within 30 s, or ends again and again. */
  readonly ready: Promise<void>;
  /** Lets it drain, within 10 s. */
  stop(): Promise<void>;
};

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 20;
const STOP_TIMEOUT_MS = 10_000;
const BACK_OFF_MS = 50;
const MAX_BACK_OFF_MS = 5_000;
/** One that ran this long did start well: what follows is counted anew. */
const STABLE_AFTER_MS = 10_000;
/** So many ends in a row before it was ready are no accident. */
const MAX_FALSE_STARTS = 3;

/** Starts the acquirer, after ending one that a killed Kassa has left. */
export async function superviseAcquirer(options: AcquirerOptions): Promise<SupervisedAcquirer> {
  await endLeftover(options.folder);
  return new Supervision(options);
}

/** The port of the last start, or undefined. */
export function lastAcquirerPort(folder: DataFolder): number | undefined {
  return readRecord(folder)?.port;
}

class Supervision implements SupervisedAcquirer {
  readonly ready: Promise<void>;
  readonly #options: AcquirerOptions;
  readonly #log: LogFile;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #current: AcquirerProcess;
  #failures = 0;

  constructor(options: AcquirerOptions) {
    this.#options = options;
    this.#current = options.first ?? new AcquirerProcess();
    this.#log = new LogFile(join(options.folder.logs, "acquirer.log"));
    this.#ended = this.#keepRunning();
    this.ready = this.#untilReady();
    this.ready.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#current.child.kill("SIGTERM");
    const killer = setTimeout(() => this.#current.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(killer);
    this.#log.end();
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      const since = Date.now();
      const how = await this.#run(this.#current);
      if (signal.aborted) return;
      this.#options.onExit?.(how);
      this.#failures = Date.now() - since > STABLE_AFTER_MS ? 1 : this.#failures + 1;
      const pauseMs = Math.min(MAX_BACK_OFF_MS, BACK_OFF_MS * 2 ** (this.#failures - 1));
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#current = new AcquirerProcess();
    }
  }

  /** Resolves with how it ended. */
  #run(acquirer: AcquirerProcess): Promise<string> {
    const { port, env, folder } = this.#options;
    const { pid = 0, stdout, stderr } = acquirer.child;
    const identity = identifyProcess(pid);
    if (identity !== undefined) writeOwnFile(folder.acquirerFile, `${JSON.stringify({ ...identity, port })}\n`);
    for (const output of [stdout, stderr]) output?.on("data", (chunk: Buffer) => this.#log.write(chunk));
    acquirer.begin(env);
    return acquirer.ended;
  }

  async #untilReady(): Promise<void> {
    const deadlineAtMs = Date.now() + READY_TIMEOUT_MS;
    while (Date.now() < deadlineAtMs && this.#failures < MAX_FALSE_STARTS && !this.#stopping.signal.aborted) {
      if (await answers(this.#options.port)) return;
      await sleep(READY_POLL_MS);
    }
    const log = join(this.#options.folder.logs, "acquirer.log");
    throw new Refusal(`The sandbox acquirer does not start. Its log: ${log}`);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${HOST}:${port}/healthz`, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

type AcquirerRecord = ProcessIdentity & { readonly port: number };

function readRecord(folder: DataFolder): AcquirerRecord | undefined {
  try {
    return JSON.parse(readFileSync(folder.acquirerFile, "utf8")) as AcquirerRecord;
  } catch {
    return undefined;
  }
}

/** It drains by itself once its parent is gone; this waits for that, and ends it when it takes too long. */
async function endLeftover(folder: DataFolder): Promise<void> {
  const record = readRecord(folder);
  if (record === undefined || !isAlive(record)) return;
  signalProcess(record, "SIGTERM");
  const deadlineAtMs = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(record)) {
    if (Date.now() > deadlineAtMs) signalProcess(record, "SIGKILL");
    await sleep(READY_POLL_MS);
  }
}

function signalProcess({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
