import type { Delivered } from "./bus.ts";
import type { PartitionWindow, Tracked } from "./partition-window.ts";

export type MemberWindowOptions = {
  /** Most unfinished messages over all partitions. */
  readonly window: number;
  /** Most messages a partition may be ahead of its oldest unfinished one. */
  readonly reach: number;
  /** Settles one message; false when it was given up. Never rejects. */
  readonly settle: (message: Delivered, signal: AbortSignal) => Promise<boolean>;
  /** False while the member cannot be sure of its partitions. */
  readonly mayStart: () => boolean;
  /** A message was finished. */
  readonly onProgress: (partition: PartitionWindow) => void;
};

/**
 * The sliding window of one member of a group. Half of the window is reserved to the partitions in equal parts, the
 * rest is free for all: one partition with a backlog uses most of it, and one that is stuck cannot starve the others.
 */
export class MemberWindow {
  readonly #options: MemberWindowOptions;
  readonly #partitions = new Map<string, PartitionWindow>();
  #unfinished = 0;
  /** Next ones of their key which came up while nothing was allowed to start. */
  #held: { partition: PartitionWindow; tracked: Tracked }[] = [];

  constructor(options: MemberWindowOptions) {
    this.#options = options;
  }

  get unfinished(): number {
    return this.#unfinished;
  }

  get partitions(): Iterable<PartitionWindow> {
    return this.#partitions.values();
  }

  find(topic: string, partition: number): PartitionWindow | undefined {
    return this.#partitions.get(`${topic}/${partition}`);
  }

  assign(partition: PartitionWindow): void {
    this.#partitions.set(`${partition.topic}/${partition.partition}`, partition);
  }

  /** Takes a partition away: nothing of it starts any more. Its handlers in flight still count until they return. */
  revoke(partition: PartitionWindow): void {
    const name = `${partition.topic}/${partition.partition}`;
    if (this.#partitions.get(name) !== partition) return;
    this.#partitions.delete(name);
    partition.revoke();
    this.#unfinished -= partition.unfinished - partition.running;
    this.#held = this.#held.filter((held) => held.partition !== partition);
    this.advance();
  }

  /** Starts what may be started: after messages were added, and when `mayStart` has become true. */
  advance(): void {
    if (!this.#options.mayStart()) return;
    for (const { partition, tracked } of this.#held.splice(0)) this.#start(partition, tracked);
    // One of each partition in turn, so that none waits for the backlog of another.
    for (let moved = true; moved && this.#unfinished < this.#options.window; ) {
      moved = false;
      for (const partition of this.#partitions.values()) {
        if (this.#room(partition) && this.#handOut(partition)) moved = true;
      }
    }
  }

  #room(partition: PartitionWindow): boolean {
    const { window, reach } = this.#options;
    if (partition.waiting === 0 || partition.span >= reach || this.#unfinished >= window) return false;
    const reserved = Math.floor(window / 2 / this.#partitions.size);
    if (partition.unfinished < reserved) return true;
    let shared = window - reserved * this.#partitions.size;
    for (const other of this.#partitions.values()) shared -= Math.max(0, other.unfinished - reserved);
    return shared > 0;
  }

  #handOut(partition: PartitionWindow): boolean {
    const before = partition.waiting;
    const tracked = partition.handOut();
    if (partition.waiting === before) return false;
    this.#unfinished += 1;
    if (tracked) this.#start(partition, tracked);
    return true;
  }

  #start(partition: PartitionWindow, tracked: Tracked): void {
    partition.running += 1;
    void this.#options.settle(tracked.message, partition.signal).then((settled) => {
      this.#returned(partition, tracked, settled);
    });
  }

  #returned(partition: PartitionWindow, tracked: Tracked, settled: boolean): void {
    this.#unfinished -= 1;
    const next = settled ? partition.finish(tracked) : undefined;
    partition.returned();
    if (partition.signal.aborted) {
      this.advance();
      return;
    }
    if (next) {
      if (this.#options.mayStart()) this.#start(partition, next);
      else this.#held.push({ partition, tracked: next });
    }
    this.#options.onProgress(partition);
    if (this.#options.mayStart()) this.#refill(partition);
  }

  /** Room has become free: for this partition if it has something, else for whichever has. */
  #refill(partition: PartitionWindow): void {
    while (this.#room(partition) && this.#handOut(partition));
    if (this.#unfinished < this.#options.window) this.advance();
  }
}
