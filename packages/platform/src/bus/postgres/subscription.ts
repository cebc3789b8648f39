import { setTimeout as delay } from "node:timers/promises";
import type { BusLog, SubscribeOptions, Subscription } from "../bus.ts";
import { MemberWindow } from "../member-window.ts";
import { PartitionWindow } from "../partition-window.ts";
import { type Settlement, settleMessage } from "../settle-message.ts";
import { WakeUp } from "../wake-up.ts";
import type { Connections } from "./connections.ts";
import { type FetchRequest, fetchMessages } from "./fetch.ts";
import type { Lease, Membership } from "./membership.ts";
import type { PostgresBusSettings } from "./options.ts";

export type SubscriptionParts = {
  readonly options: SubscribeOptions;
  readonly settlement: Settlement;
  readonly membership: Membership;
  readonly connections: Connections;
  readonly settings: PostgresBusSettings;
  readonly log: BusLog;
  readonly onStopped: () => void;
};

type Held = { readonly lease: Lease; readonly window: PartitionWindow };

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;
/** While this member waits for partitions that others are giving back. */
const HURRIED_HEARTBEAT_MS = 200;

/**
 * One member of a group: a loop that keeps its leases, one that fetches and one that commits. Each carries on by
 * itself when the database was away.
 */
export class PostgresSubscription implements Subscription {
  readonly #parts: SubscriptionParts;
  readonly #window: MemberWindow;
  readonly #held = new Map<number, Held>();
  /** Partitions on their way back to the group, whose handlers are still in flight. */
  readonly #releasing = new Set<number>();
  /** Partitions that had more to fetch than there was room for. */
  readonly #backlogged = new Set<PartitionWindow>();
  readonly #wakeUps = { leases: new WakeUp(), fetch: new WakeUp(), commit: new WakeUp() };
  readonly #loops: readonly Promise<void>[];
  /** Until then nobody else can have been given our partitions. */
  #validUntilMs = 0;
  #stopping: Promise<void> | undefined;
  #ended = false;
  #turn = 0;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    const { options, settlement } = parts;
    this.#window = new MemberWindow({
      window: options.window ?? 1_000,
      reach: options.reach ?? 10_000,
      settle: (message, signal) => settleMessage(message, settlement, signal),
      mayStart: () => performance.now() < this.#validUntilMs,
      onProgress: (partition) => {
        if (this.#backlogged.has(partition) && this.#wantsMore(partition)) this.#wakeUps.fetch.wake();
      },
    });
    this.#loops = [
      this.#repeat("keep its partitions", this.#wakeUps.leases, () => this.#keepLeases()),
      this.#repeat("fetch", this.#wakeUps.fetch, () => this.#fetch()),
      this.#repeat("commit", this.#wakeUps.commit, () => this.#commitHeld()),
    ];
  }

  /** Something may have been published to its topics. */
  wake(): void {
    this.#wakeUps.fetch.wake();
  }

  subscribesTo(topics: ReadonlySet<string>): boolean {
    return this.#parts.options.topics.some((topic) => topics.has(topic));
  }

  lag(): Promise<number> {
    return this.#parts.membership.lag();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(this.#parts.onStopped);
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { window } of held) this.#window.revoke(window);
    // Heartbeats go on meanwhile, or the partitions would be given away under the handlers in flight.
    await Promise.all(held.map(({ window }) => window.idle(this.#drainMs)));
    this.#ended = true;
    for (const wakeUp of Object.values(this.#wakeUps)) wakeUp.wake();
    await Promise.all(this.#loops);
    try {
      await this.#commit(held);
      await this.#parts.membership.release(held.map(({ lease }) => lease));
      await this.#parts.membership.leave();
    } catch (error) {
      // The leases expire; what was not committed is delivered again.
      this.#report("leave its group", error);
    }
  }

  get #drainMs(): number {
    return this.#parts.options.drainMs ?? 10_000;
  }

  async #repeat(what: string, wakeUp: WakeUp, step: () => Promise<number>): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#ended; ) {
      let pauseMs: number;
      try {
        pauseMs = await step();
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        this.#report(what, error);
        pauseMs = retryMs;
        retryMs = Math.min(MAX_RETRY_MS, retryMs * 2);
      }
      if (pauseMs > 0 && !this.#ended) await wakeUp.sleep(pauseMs);
    }
  }

  #report(what: string, error: unknown): void {
    const { group } = this.#parts.options;
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.log("warn", `a member of a bus group cannot ${what}`, { group, error: message });
  }

  async #keepLeases(): Promise<number> {
    const { membership, settings } = this.#parts;
    const sentAtMs = performance.now();
    const releasing = new Set(this.#releasing);
    const { mine, plan } = await membership.heartbeat();
    for (const held of [...this.#held.values()]) {
      if (mine.get(held.lease.partitionId)?.epoch !== held.lease.epoch) this.#lose(held);
    }
    this.#validUntilMs = sentAtMs + settings.leaseMs;
    if (this.#stopping) return settings.heartbeatMs;
    for (const [id, lease] of mine) {
      // Taken by a statement whose answer was lost.
      if (!releasing.has(id) && !this.#releasing.has(id) && !this.#held.has(id)) this.#assign(lease);
    }
    for (const id of plan.release) this.#giveBack(id);
    for (const lease of await membership.take(plan.take.filter((id) => !this.#releasing.has(id)))) this.#assign(lease);
    this.#window.advance();
    return plan.waiting || plan.take.length > 0
      ? Math.min(HURRIED_HEARTBEAT_MS, settings.heartbeatMs)
      : settings.heartbeatMs;
  }

  #assign(lease: Lease): void {
    if (this.#stopping || this.#held.has(lease.partitionId)) return;
    const window = new PartitionWindow(lease.topic, lease.partition, lease.committed);
    this.#held.set(lease.partitionId, { lease, window });
    this.#window.assign(window);
    this.#wakeUps.fetch.wake();
  }

  /** Somebody else has it, and refuses our commits. */
  #lose(held: Held): void {
    if (this.#held.get(held.lease.partitionId) !== held) return;
    this.#held.delete(held.lease.partitionId);
    this.#backlogged.delete(held.window);
    this.#window.revoke(held.window);
    const { topic, partition } = held.lease;
    this.#parts.log("warn", "a partition was taken away", { group: this.#parts.options.group, topic, partition });
  }

  #giveBack(partitionId: number): void {
    const held = this.#held.get(partitionId);
    if (!held) return;
    this.#held.delete(partitionId);
    this.#backlogged.delete(held.window);
    this.#releasing.add(partitionId);
    this.#window.revoke(held.window);
    void this.#release(held);
  }

  async #release(held: Held): Promise<void> {
    await held.window.idle(this.#drainMs);
    try {
      await this.#commit([held]);
      await this.#parts.membership.release([held.lease]);
    } catch (error) {
      // It is still ours, then: the next heartbeat finds it and begins again.
      this.#report("give a partition back", error);
    } finally {
      this.#releasing.delete(held.lease.partitionId);
    }
  }

  async #commitHeld(): Promise<number> {
    await this.#commit([...this.#held.values()]);
    return this.#parts.settings.commitMs;
  }

  async #commit(held: readonly Held[]): Promise<void> {
    const commits = held
      .map((one) => ({ held: one, lease: one.lease, offset: one.window.finishedUpTo }))
      .filter(({ held: { window }, offset }) => offset > window.committed);
    const kept = await this.#parts.membership.commit(commits);
    for (const { held: one, offset } of commits) {
      if (kept.has(one.lease.partitionId)) one.window.committed = offset;
      else this.#lose(one);
    }
  }

  #wantsMore(window: PartitionWindow): boolean {
    return window.waiting * 2 < this.#parts.settings.fetchPerPartition;
  }

  async #fetch(): Promise<number> {
    const { connections, settings } = this.#parts;
    const requested = this.#requests();
    if (requested.length === 0) return settings.idlePollMs;
    const requests = requested.map(({ request }) => request);
    const fetched = await fetchMessages(connections, requests, settings.fetchPerQuery);
    let total = 0;
    for (const messages of fetched.values()) total += messages.length;
    const cutShort = total >= settings.fetchPerQuery;
    let backlog = false;
    for (const { held, request } of requested) {
      const messages = fetched.get(request.partitionId) ?? [];
      const last = messages.at(-1);
      if (last) held.window.add(messages, Number(last.offset) + 1);
      const more = cutShort || messages.length >= request.limit;
      if (more && !held.window.signal.aborted) this.#backlogged.add(held.window);
      else this.#backlogged.delete(held.window);
      backlog ||= more;
    }
    this.#window.advance();
    if (total === 0) return settings.idlePollMs;
    // While messages flow, a short pause collects the next ones into one query; a backlog needs none.
    if (!backlog) await delay(settings.busyPollMs);
    return 0;
  }

  /** What to ask for, another partition first each time. */
  #requests(): { held: Held; request: FetchRequest }[] {
    const { fetchPerPartition } = this.#parts.settings;
    const wanting = [...this.#held.values()].filter(({ window }) => this.#wantsMore(window));
    this.#turn = wanting.length > 0 ? (this.#turn + 1) % wanting.length : 0;
    return [...wanting.slice(this.#turn), ...wanting.slice(0, this.#turn)].map((held) => ({
      held,
      request: {
        partitionId: held.lease.partitionId,
        topic: held.lease.topic,
        partition: held.lease.partition,
        from: held.window.fetched,
        limit: fetchPerPartition - held.window.waiting,
      },
    }));
  }
}
