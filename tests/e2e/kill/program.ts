import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hit } from "./kill-schedule.ts";

export type ProgramOptions = {
  readonly name: string;
  /** Of Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Answers 200 when it is ready. */
  readonly readyUrl: string;
};

/** On a busy machine with two cores, recovery of the database included. */
const READY_MS = 90_000;
const STOP_MS = 60_000;
const POLL_MS = 50;
const AGAIN_MS = 1_000;
const OUTPUT_CHARACTERS = 20_000;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A program of the product as a process of its own, to be killed and started again. */
export class Program {
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;
  #output = "";
  #isStopping = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** The end of what it has printed, over all its lives. */
  get output(): string {
    return this.#output;
  }

  /**
   * Resolves when it is ready. One that ends before, because what it needs is down too, is started again, as in a cluster. Rejects with the
   * end of its output after 90 s.
   */
  async start(): Promise<void> {
    const giveUpAtMs = Date.now() + READY_MS;
    while (!this.#isStopping && !(await this.#startOnce(giveUpAtMs))) await sleep(AGAIN_MS);
  }

  /** SIGKILL, and the same program again after `pauseMs`. */
  async killAndStart(pauseMs: number): Promise<Hit> {
    const pid = this.#child?.pid ?? 0;
    await this.#end("SIGKILL");
    return { pid, back: sleep(pauseMs).then(() => this.start()) };
  }

  /** SIGTERM, SIGKILL after 60 s. Resolves with the exit code; null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#isStopping = true;
    const child = this.#child;
    const killer = setTimeout(() => child?.kill("SIGKILL"), STOP_MS);
    await this.#end("SIGTERM");
    clearTimeout(killer);
    return child?.exitCode ?? null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !running.has(child)) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  /** False when it ended before it was ready. */
  async #startOnce(giveUpAtMs: number): Promise<boolean> {
    const { args, env, name, readyUrl } = this.#options;
    const child = spawn(process.execPath, [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    child.once("exit", () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", this.#keep);
    this.#child = child;
    while (!(await answersWell(readyUrl))) {
      if (Date.now() > giveUpAtMs) throw new Error(`${name} was not ready after ${READY_MS} ms:\n${this.#output}`);
      if (!running.has(child)) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  readonly #keep = (text: string): void => {
    this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS);
  };
}

async function answersWell(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}
