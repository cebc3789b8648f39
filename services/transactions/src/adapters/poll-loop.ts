import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@kassa/platform/log";
import type { Component } from "@kassa/platform/runtime";

export type PollLoopOptions = {
  readonly name: string;
  readonly everyMs: number;
  readonly log: Logger;
  /** Does a bounded piece of work; resolves to true when there may be more at once. */
  readonly work: () => Promise<boolean>;
};

/** Does a job again and again until the service stops; a failure is logged and the next round tries again. */
export class PollLoop implements Component {
  readonly name: string;
  readonly #options: PollLoopOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: PollLoopOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async finish(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { everyMs, log, name, work } = this.#options;
    while (!this.#stop.signal.aborted) {
      const more = await work().catch((error: unknown) => {
        log.warn({ err: error, job: name }, "job failed; the next round tries again");
        return false;
      });
      if (!more) await sleep(everyMs, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }
}
