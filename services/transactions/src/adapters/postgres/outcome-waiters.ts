import { setTimeout as sleep } from "node:timers/promises";
import type { Uuid } from "@kassa/kernel/id";
import { gauge } from "@kassa/platform/metrics";
import type { OutcomeWaiter, Watched } from "../../ports.ts";

export type OutcomeWaitersOptions<View> = {
  readonly name: string;
  /** The views of the keys that exist, with one query. */
  readonly read: (keys: readonly { merchantId: Uuid; id: Uuid }[]) => Promise<readonly View[]>;
  readonly most: number;
  readonly pollMs: number;
};

type Waiter<View> = Watched<View> & { readonly done: (view: View | undefined) => void };

const waitingRequests = gauge("kassa_waiters", "Requests that wait for an outcome", ["kind"]);

/** Requests that wait for an outcome: bounded in number, and one query looks for all of them. */
export class OutcomeWaiters<View extends { id: Uuid }> implements OutcomeWaiter<View> {
  readonly #options: OutcomeWaitersOptions<View>;
  readonly #waiters = new Set<Waiter<View>>();
  #polling = false;

  constructor(options: OutcomeWaitersOptions<View>) {
    this.#options = options;
  }

  /**
   * The view once it is settled; undefined when `waitMs` is over, the caller has gone, or too many wait already (then at
   * once).
   */
  wait(watched: Watched<View>, waitMs: number, signal: AbortSignal): Promise<View | undefined> {
    if (this.#waiters.size >= this.#options.most || waitMs <= 0 || signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.done(undefined), waitMs);
      const waiter: Waiter<View> = {
        ...watched,
        done: (view) => {
          clearTimeout(timer);
          signal.removeEventListener("abort", gone);
          this.#waiters.delete(waiter);
          resolve(view);
        },
      };
      const gone = () => waiter.done(undefined);
      signal.addEventListener("abort", gone, { once: true });
      this.#waiters.add(waiter);
      void this.#poll();
    });
  }

  /** Lets everybody go with what is known: undefined. */
  releaseAll(): void {
    for (const waiter of this.#waiters) waiter.done(undefined);
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    while (this.#waiters.size > 0) {
      await sleep(this.#options.pollMs);
      waitingRequests.set({ kind: this.#options.name }, this.#waiters.size);
      // While the database is away nobody is settled; everybody's own time-out still runs.
      await this.#look().catch(() => {});
    }
    waitingRequests.set({ kind: this.#options.name }, 0);
    this.#polling = false;
  }

  async #look(): Promise<void> {
    const waiters = [...this.#waiters];
    if (waiters.length === 0) return;
    const views = new Map((await this.#options.read(waiters)).map((view) => [view.id, view]));
    for (const waiter of waiters) {
      const view = views.get(waiter.id);
      if (view !== undefined && waiter.isSettled(view)) waiter.done(view);
    }
  }
}
