import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromGenerator, LoadJob, LoadProgress, LoadResult, ToGenerator } from "./load-job.ts";

const MAIN = fileURLToPath(new URL("generator-process.ts", import.meta.url));

export type RunningLoad = {
  readonly result: Promise<LoadResult>;
  /** At most a quarter of a second old. */
  progress(): LoadProgress;
  setRate(ratePerS: number): void;
};

/** Makes load from a process of its own. One job at a time. */
export class LoadGenerator implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(MAIN, { execArgv: [], stdio: ["ignore", 2, "inherit", "ipc"] });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the load generator could not be started");
    return this.#child.pid;
  }

  /** @throws Error when a connection broke, an answer never came, or an answer had another status than `status` */
  async run(job: LoadJob, status: number): Promise<LoadResult> {
    const result = await this.start(job).result;
    const answered = result.statuses[String(status)] ?? 0;
    if (answered !== result.sent)
      throw new Error(`of ${result.sent} requests ${answered} were answered with ${status}: ${JSON.stringify(result)}`);
    return result;
  }

  start(job: LoadJob): RunningLoad {
    const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
    let progress: LoadProgress = { sent: 0, answered: 0, waiting: 0 };
    const ended = () => reject(new Error("the load generator has ended"));
    const listen = (message: FromGenerator) => {
      if (message.kind === "progress") {
        progress = message.progress;
        return;
      }
      this.#child.off("message", listen).off("exit", ended);
      if (message.kind === "result") resolve(message.result);
      else reject(new Error(`the load generator failed: ${message.message}`));
    };
    promise.catch(() => undefined);
    this.#child.on("message", listen).once("exit", ended);
    this.#tell({ kind: "run", job });
    return {
      result: promise,
      progress: () => progress,
      setRate: (ratePerS) => this.#tell({ kind: "rate", ratePerS }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await gone;
  }

  #tell(message: ToGenerator): void {
    this.#child.send(message);
  }
}
