import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

const LOG_CHARACTERS = 4_000;
const POLL_MS = 50;

export type BrokerCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly logFile: string;
  /** True once it serves. */
  readonly isReady: () => Promise<boolean>;
  readonly startTimeoutMs: number;
};

/** A server that tests start, kill and start again. It dies with this process. */
export class BrokerProcess {
  readonly #command: BrokerCommand;
  #child: ChildProcess | undefined;

  constructor(command: BrokerCommand) {
    this.#command = command;
    process.once("exit", () => this.#child?.kill("SIGKILL"));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it serves; rejects with the end of its log when it ends or takes too long. */
  async start(): Promise<void> {
    const { command, args, env, logFile, startTimeoutMs } = this.#command;
    const log = openSync(logFile, "a");
    const child = spawn(command, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } });
    closeSync(log);
    let failure: string | undefined;
    child.once("error", (error) => {
      failure = error.message;
    });
    child.once("exit", (code, signal) => {
      failure ??= `ended with ${code ?? signal}`;
    });
    child.unref();
    this.#child = child;
    const deadlineMs = Date.now() + startTimeoutMs;
    while (!(await this.#command.isReady())) {
      if (failure === undefined && Date.now() > deadlineMs) failure = `was not ready after ${startTimeoutMs} ms`;
      if (failure !== undefined) {
        child.kill("SIGKILL");
        throw new Error(`${command} ${failure}:\n${readFileSync(logFile, "utf8").slice(-LOG_CHARACTERS)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Sends the signal and waits until the process is gone; SIGSTOP and SIGCONT do not wait. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    if (signal === "SIGSTOP" || signal === "SIGCONT") return;
    child.ref();
    await once(child, "exit");
  }
}

/** Ports that nothing listened on a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
