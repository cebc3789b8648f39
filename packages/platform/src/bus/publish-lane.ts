import type { Outgoing } from "./bus.ts";
import { BusUnavailable } from "./bus-unavailable.ts";

export type PublishLaneOptions = {
  /** Stores the messages durably, in order, all or none. */
  readonly flush: (messages: readonly Outgoing[]) => Promise<void>;
  /** Most messages in one flush; a call is never split, so a larger one goes alone. */
  readonly maxBatch: number;
  /** Most messages waiting; a call beyond that is refused. */
  readonly maxQueued: number;
  /** How long a call waits for its outcome. */
  readonly timeoutMs: number;
};

type Call = {
  readonly messages: readonly Outgoing[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

const MAX_KEY_CHARACTERS = 1_024;

/**
 * The queue of one publisher: one flush at a time, so that the order of calls holds; what arrives meanwhile forms the
 * next flush.
 */
export class PublishLane {
  readonly #options: PublishLaneOptions;
  #calls: Call[] = [];
  #queued = 0;
  #flushing: Promise<void> | undefined;

  constructor(options: PublishLaneOptions) {
    this.#options = options;
  }

  async publish(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return;
    for (const message of messages) refuseUnstorable(message);
    const { maxQueued, timeoutMs } = this.#options;
    if (this.#queued > 0 && this.#queued + messages.length > maxQueued) {
      throw new BusUnavailable(`${this.#queued} messages already wait to be published`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call: Call = { messages, resolve, reject };
    this.#calls.push(call);
    this.#queued += messages.length;
    this.#flushing ??= this.#flushAll();
    const timer = setTimeout(() => this.#expire(call), timeoutMs);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when nothing waits and nothing is being flushed. */
  async close(): Promise<void> {
    await this.#flushing;
  }

  #expire(call: Call): void {
    const index = this.#calls.indexOf(call);
    if (index >= 0) {
      this.#calls.splice(index, 1);
      this.#queued -= call.messages.length;
    }
    call.reject(new BusUnavailable(`the broker did not confirm within ${this.#options.timeoutMs} ms`));
  }

  async #flushAll(): Promise<void> {
    // What is published in the same turn of the event loop shares a flush.
    await Promise.resolve();
    while (this.#calls.length > 0) await this.#flush(this.#take());
    this.#flushing = undefined;
  }

  async #flush(calls: readonly Call[]): Promise<void> {
    const only = calls.length === 1 ? calls[0] : undefined;
    const messages = only ? only.messages : calls.flatMap((call) => call.messages);
    try {
      await this.#options.flush(messages);
      for (const call of calls) call.resolve();
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  #take(): Call[] {
    let count = 0;
    let size = 0;
    for (const call of this.#calls) {
      if (count > 0 && size + call.messages.length > this.#options.maxBatch) break;
      count += 1;
      size += call.messages.length;
    }
    this.#queued -= size;
    return this.#calls.splice(0, count);
  }
}

/** Such a message would fail the others of its flush. */
function refuseUnstorable(message: Outgoing): void {
  if (message.key.length > MAX_KEY_CHARACTERS)
    throw new RangeError(`a key has at most ${MAX_KEY_CHARACTERS} characters`);
  if (message.key.includes("\0") || message.value.includes("\0")) throw new RangeError("a message cannot hold U+0000");
}
