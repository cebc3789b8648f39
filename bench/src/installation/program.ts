import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type ProgramOptions = {
  readonly name: string;
  /** Path of the module to run. */
  readonly main: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Answers 200 once it serves. */
  readonly readyUrl: string;
  readonly logFile: string;
  /** Writes a CPU profile `<name>.cpuprofile` there when it ends. */
  readonly profileDir?: string | undefined;
};

const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 20;
const STOP_TIMEOUT_MS = 40_000;
const LOG_CHARACTERS = 4_000;

/** Ends a child whose parent has gone, even by SIGKILL. */
const END_WITH_PARENT = import.meta.resolve("@kassa/cli/installation/end-with-parent");

/** A process of the product or of a floor. It is ended by its own pid, and ends by itself when this process does. */
export class Program {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  #stopping = false;

  private constructor(options: ProgramOptions, child: ChildProcess, pid: number) {
    this.name = options.name;
    this.pid = pid;
    this.#child = child;
    this.#logFile = options.logFile;
  }

  /** Resolves when it answers; rejects with the end of its log when it ends before that or takes longer than two minutes. */
  static async start(options: ProgramOptions): Promise<Program> {
    const log = openSync(options.logFile, "a");
    const { name, profileDir } = options;
    const profile =
      profileDir === undefined
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}.cpuprofile`];
    const child = spawn(process.execPath, [...profile, "--import", END_WITH_PARENT, options.main], {
      stdio: ["pipe", log, log],
      env: { ...process.env, NODE_ENV: "production", ...options.env },
    });
    closeSync(log);
    child.stdin?.on("error", () => undefined);
    if (child.pid === undefined) throw new Error(`${name} could not be started`);
    const program = new Program(options, child, child.pid);
    await program.#untilReady(options.readyUrl);
    return program;
  }

  /** @throws Error when it has ended by itself */
  assertRuns(): void {
    if (!this.#hasEnded || this.#stopping) return;
    const how = this.#child.signalCode ?? `exit code ${this.#child.exitCode}`;
    throw new Error(`${this.name} ended with ${how}:\n${this.#logEnd()}`);
  }

  /** Lets it drain; kills it when that takes longer than 40 s. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#hasEnded) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(killer);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #untilReady(url: string): Promise<void> {
    const deadlineAtMs = Date.now() + READY_TIMEOUT_MS;
    while (!(await answers(url))) {
      this.assertRuns();
      if (Date.now() > deadlineAtMs) {
        await this.stop();
        throw new Error(`${this.name} was not ready after ${READY_TIMEOUT_MS} ms:\n${this.#logEnd()}`);
      }
      await sleep(POLL_MS);
    }
  }

  #logEnd(): string {
    return readFileSync(this.#logFile, "utf8").slice(-LOG_CHARACTERS);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
