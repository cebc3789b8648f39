import { isItemFault, isTransient } from "./sql-error.ts";

export type BatcherOptions<Item, Outcome> = {
  /** For metrics and errors. */
  readonly name: string;
  /** Writes all items in one transaction and returns one outcome for each, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Items in one batch at most. */
  readonly maxBatch: number;
  /** Items waiting at most; one more is refused with QueueFull. */
  readonly maxQueue: number;
  /** Batches being committed at once. Default 1; two keep PostgreSQL busy while the next forms. */
  readonly concurrency?: number;
  /**
   * Items with the same conflict key never share a batch: the later one waits for the next. With a concurrency above 1
   * both batches may be under way at once, so `commit` has to see to it that one of them loses.
   */
  readonly conflictKeys?: (item: Item) => readonly string[];
  /** How often a batch that met a deadlock or a serialization failure is sent again. Default 5. */
  readonly maxTransientRetries?: number;
  /** Told of every batch: how many items it had and how long it took, in milliseconds. */
  readonly onBatch?: (size: number, durationMs: number) => void;
};

/** The queue is at its bound: nothing was written, the caller may come again. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
  constructor(batcher: string, bound: number) {
    super(`${batcher}: ${bound} items are waiting already`);
  }
}

/** This item alone was refused by the database; the rest of its batch was written. */
export class ItemFailed extends Error {
  override readonly name = "ItemFailed";
  constructor(batcher: string, cause: unknown) {
    super(`${batcher}: ${(cause as Error).message}`, { cause });
  }
}

type Waiting<Item, Outcome> = {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Group commit: what arrives while a batch is being committed forms the next. No timer, so an item that comes alone
 * is written at once; under load the batches grow by themselves.
 */
export class Batcher<Item, Outcome> {
  readonly #options: Required<Pick<BatcherOptions<Item, Outcome>, "concurrency" | "maxTransientRetries">> &
    BatcherOptions<Item, Outcome>;
  #queue: Waiting<Item, Outcome>[] = [];
  #running = 0;
  #scheduled = false;
  readonly #idle: (() => void)[] = [];

  constructor(options: BatcherOptions<Item, Outcome>) {
    this.#options = { concurrency: 1, maxTransientRetries: 5, ...options };
  }

  /** Items that wait for a batch. */
  get queued(): number {
    return this.#queue.length;
  }

  /**
   * Resolves with the item's outcome once its batch is durable. Rejects with QueueFull (nothing was written), ItemFailed
   * (this item was not written), or the connection's error (unknown whether it was written).
   */
  submit(item: Item): Promise<Outcome> {
    if (this.#queue.length >= this.#options.maxQueue) {
      return Promise.reject(new QueueFull(this.#options.name, this.#options.maxQueue));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#queue.push({ item, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Resolves when nothing waits and nothing is being committed. */
  async drain(): Promise<void> {
    if (this.#queue.length === 0 && this.#running === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  // One turn of the event loop lets all the requests that one read of the sockets brought join the batch.
  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#options.concurrency) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#running < this.#options.concurrency) {
      const batch = this.#takeBatch();
      if (batch.length === 0) return;
      this.#running += 1;
      void this.#run(batch).finally(() => {
        this.#running -= 1;
        if (this.#queue.length > 0) this.#schedule();
        else if (this.#running === 0) for (const wake of this.#idle.splice(0)) wake();
      });
    }
  }

  #takeBatch(): Waiting<Item, Outcome>[] {
    const { maxBatch, conflictKeys } = this.#options;
    if (conflictKeys === undefined) return this.#queue.splice(0, maxBatch);
    const taken = new Set<string>();
    const batch: Waiting<Item, Outcome>[] = [];
    const left: Waiting<Item, Outcome>[] = [];
    for (const waiting of this.#queue) {
      const keys = conflictKeys(waiting.item);
      if (batch.length >= maxBatch || keys.some((key) => taken.has(key))) left.push(waiting);
      else batch.push(waiting);
      // A key of an item left behind is taken too, so that a third one cannot overtake it.
      for (const key of keys) taken.add(key);
    }
    this.#queue = left;
    return batch;
  }

  async #run(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    const startedAt = performance.now();
    try {
      const outcomes = await this.#commit(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => {
        resolve(outcomes[index] as Outcome);
      });
    } catch (error) {
      await this.#settleFailure(batch, error);
    }
    this.#options.onBatch?.(batch.length, performance.now() - startedAt);
  }

  // The guilty item is found by halving: what is left beside it is written.
  async #settleFailure(batch: readonly Waiting<Item, Outcome>[], error: unknown): Promise<void> {
    if (!isItemFault(error)) {
      for (const { reject } of batch) reject(error);
      return;
    }
    if (batch.length === 1) {
      batch[0]?.reject(new ItemFailed(this.#options.name, error));
      return;
    }
    const middle = batch.length >> 1;
    await this.#run(batch.slice(0, middle));
    await this.#run(batch.slice(middle));
  }

  async #commit(items: readonly Item[]): Promise<readonly Outcome[]> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#options.commit(items);
      } catch (error) {
        if (!isTransient(error) || attempt >= this.#options.maxTransientRetries) throw error;
      }
    }
  }
}
