import { setMaxListeners } from "node:events";
import type { Delivered } from "./bus.ts";

/** A message that was handed out, and the next one of its key, which has to wait for it. */
export type Tracked = {
  readonly message: Delivered;
  readonly offset: number;
  done: boolean;
  next: Tracked | undefined;
};

const COMPACT_AT = 1_024;

/**
 * One partition at one member: what was fetched and waits, what is in flight, and up to which offset everything is
 * finished. Keys are independent of each other; a key has one message in flight at most.
 */
export class PartitionWindow {
  readonly topic: string;
  readonly partition: number;
  /** Aborted when the partition is taken away. */
  readonly signal: AbortSignal;
  /** Handed out and not finished, including those that wait for their key. */
  unfinished = 0;
  /** Handlers that run. */
  running = 0;
  /** The offset after the newest one fetched. */
  fetched: number;
  /** The offset last stored at the broker. */
  committed: number;
  readonly #abort = new AbortController();
  readonly #lastOfKey = new Map<string, Tracked>();
  readonly #idle: (() => void)[] = [];
  #waiting: Delivered[] = [];
  #waitingHead = 0;
  #tracked: Tracked[] = [];
  #trackedHead = 0;

  constructor(topic: string, partition: number, position: number) {
    this.topic = topic;
    this.partition = partition;
    this.fetched = position;
    this.committed = position;
    this.signal = this.#abort.signal;
    setMaxListeners(0, this.signal);
  }

  /** Messages fetched and not yet handed out. */
  get waiting(): number {
    return this.#waiting.length - this.#waitingHead;
  }

  /** Messages between the oldest unfinished one and the newest handed out, both included. */
  get span(): number {
    return this.#tracked.length - this.#trackedHead;
  }

  /** Everything below this offset is finished: what may be committed. */
  get finishedUpTo(): number {
    const oldest = this.#tracked[this.#trackedHead];
    if (oldest) return oldest.offset;
    const waiting = this.#waiting[this.#waitingHead];
    return waiting ? Number(waiting.offset) : this.fetched;
  }

  /** Takes fetched messages in ascending order; those already known are left out. `next` follows the last of them. */
  add(messages: readonly Delivered[], next: number): void {
    for (const message of messages) {
      if (Number(message.offset) >= this.fetched) this.#waiting.push(message);
    }
    if (next > this.fetched) this.fetched = next;
  }

  /** Hands out the oldest waiting message; undefined when its key is busy (it then follows by itself) or none waits. */
  handOut(): Tracked | undefined {
    const message = this.#waiting[this.#waitingHead];
    if (!message) return undefined;
    this.#waitingHead += 1;
    if (this.#waitingHead >= COMPACT_AT || this.#waitingHead === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#waitingHead);
      this.#waitingHead = 0;
    }
    const tracked: Tracked = { message, offset: Number(message.offset), done: false, next: undefined };
    this.#tracked.push(tracked);
    this.unfinished += 1;
    const before = this.#lastOfKey.get(message.key);
    this.#lastOfKey.set(message.key, tracked);
    if (!before) return tracked;
    before.next = tracked;
    return undefined;
  }

  /** Marks a message as finished and returns the next one of its key. */
  finish(tracked: Tracked): Tracked | undefined {
    tracked.done = true;
    this.unfinished -= 1;
    while (this.#tracked[this.#trackedHead]?.done) this.#trackedHead += 1;
    if (this.#trackedHead >= COMPACT_AT || this.#trackedHead === this.#tracked.length) {
      this.#tracked = this.#tracked.slice(this.#trackedHead);
      this.#trackedHead = 0;
    }
    if (!tracked.next) this.#lastOfKey.delete(tracked.message.key);
    return tracked.next;
  }

  /** Tells that a handler has returned, whatever came of it. */
  returned(): void {
    this.running -= 1;
    if (this.running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Nothing starts any more; back-offs end. */
  revoke(): void {
    this.#abort.abort();
  }

  /** Resolves when no handler runs, or after `ms`. */
  async idle(ms: number): Promise<void> {
    if (this.running === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.push(resolve);
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}
