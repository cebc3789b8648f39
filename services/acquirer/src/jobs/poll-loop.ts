import type { Logger } from "@kassa/platform/log";
import type { Component } from "@kassa/platform/runtime";

export type PollLoopOptions = {
  readonly name: string;
  /** Milliseconds between two turns that found nothing to do. */
  readonly intervalMs: number;
  readonly log: Logger;
  /** One turn; true when there may be more to do at once. */
  turn(): Promise<boolean>;
  /** Resolves when what the turns began is done. */
  finish?(): Promise<void>;
};

/** A failed turn is mostly a database that is away: looking again at once would only fill the log. */
const FAILURE_PAUSE_MS = 1_000;

/** Takes turns until it is stopped. The poll is the truth; a nudge only makes the next turn come sooner. */
export class PollLoop implements Component {
  readonly name: string;
  readonly #options: PollLoopOptions;
  #isStopping = false;
  #isNudged = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PollLoopOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#running = this.#run();
  }

  nudge(): void {
    this.#isNudged = true;
    this.#wake?.();
  }

  stopAccepting(): void {
    this.#isStopping = true;
    this.#wake?.();
  }

  async finish(): Promise<void> {
    await this.#running;
    await this.#options.finish?.();
  }

  close(): void {
    this.stopAccepting();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#isNudged = false;
      const hasMore = await this.#turn();
      if (!hasMore && !this.#isNudged && !this.#isStopping) await this.#pause(this.#options.intervalMs);
    }
  }

  async #turn(): Promise<boolean> {
    try {
      return await this.#options.turn();
    } catch (error) {
      this.#options.log.warn({ err: error, job: this.name }, "a turn failed and is repeated");
      this.#isNudged = false;
      if (!this.#isStopping) await this.#pause(FAILURE_PAUSE_MS);
      return true;
    }
  }

  async #pause(timeMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeMs);
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
    clearTimeout(timer);
  }
}
