import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from "kafkajs";
import type { BusLog, Delivered, SubscribeOptions, Subscription } from "../bus.ts";
import { MemberWindow } from "../member-window.ts";
import { PartitionWindow } from "../partition-window.ts";
import { type Settlement, settleMessage } from "../settle-message.ts";
import { WakeUp } from "../wake-up.ts";
import { unavailable, within } from "./client.ts";
import { groupLag } from "./lag.ts";
import type { KafkaBusSettings } from "./options.ts";

export type SubscriptionParts = {
  readonly kafka: Kafka;
  readonly admin: () => Promise<Admin>;
  readonly options: SubscribeOptions;
  readonly settlement: Settlement;
  readonly settings: KafkaBusSettings;
  readonly log: BusLog;
  readonly onStopped: () => void;
};

type CommitOffsets = EachBatchPayload["commitOffsetsIfNecessary"];

/** No retries inside: they would hold up the heartbeats. The consumer is built anew instead. */
const CONSUMER_RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3, restartOnFailure: async () => false };
/** Of the session: after that, without a heartbeat, others may already have our partitions. */
const SURE_OF_SESSION = 0.8;

/**
 * One member of a group. kafkajs fetches and keeps the membership; its batches are taken over into the window at once
 * and committed from there, so that a slow message holds up neither its partition nor the heartbeats.
 */
export class KafkaSubscription implements Subscription {
  readonly #parts: SubscriptionParts;
  readonly #window: MemberWindow;
  readonly #paused = new Set<PartitionWindow>();
  readonly #commitWake = new WakeUp();
  readonly #restartWake = new WakeUp();
  readonly #running: Promise<unknown>;
  #consumer: Consumer | undefined;
  #memberId: string | undefined;
  /** Of the consumer that runs now. Commits with its generation, so the broker refuses it once the group has moved on. */
  #commitOffsets: CommitOffsets | undefined;
  #validUntilMs = 0;
  #stopping: Promise<void> | undefined;
  #ended = false;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    const { options, settlement, settings } = parts;
    this.#window = new MemberWindow({
      window: options.window ?? 1_000,
      reach: options.reach ?? 10_000,
      settle: (message, signal) => settleMessage(message, settlement, signal),
      mayStart: () => performance.now() < this.#validUntilMs,
      onProgress: (partition) => {
        if (partition.waiting * 2 < settings.bufferPerPartition) this.#resume(partition);
      },
    });
    this.#running = Promise.all([this.#keepConsuming(), this.#keepCommitting()]);
  }

  async lag(): Promise<number> {
    try {
      return await groupLag(await this.#parts.admin(), this.#parts.options.group, this.#parts.options.topics);
    } catch (error) {
      throw unavailable(error);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(this.#parts.onStopped);
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { topics, drainMs = 10_000 } = this.#parts.options;
    const windows = [...this.#window.partitions];
    // Heartbeats go on, fetching does not.
    this.#attempt(() => this.#consumer?.pause(topics.map((topic) => ({ topic }))));
    for (const window of windows) this.#window.revoke(window);
    await Promise.all(windows.map((window) => window.idle(drainMs)));
    await within(this.#parts.settings.closeTimeoutMs, this.#commit(windows));
    this.#ended = true;
    this.#restartWake.wake();
    this.#commitWake.wake();
    await within(this.#parts.settings.closeTimeoutMs, this.#running);
  }

  async #keepConsuming(): Promise<void> {
    while (!this.#ended) {
      await this.#consumeUntilFailure();
      if (!this.#ended) await this.#restartWake.sleep(this.#parts.settings.restartMs);
    }
  }

  /** Builds a consumer and waits until it fails or the subscription ends. */
  async #consumeUntilFailure(): Promise<void> {
    const { kafka, options, settings, log } = this.#parts;
    const consumer = kafka.consumer({
      groupId: options.group,
      sessionTimeout: settings.sessionMs,
      rebalanceTimeout: settings.rebalanceMs,
      heartbeatInterval: settings.heartbeatMs,
      maxWaitTimeInMs: settings.fetchWaitMs,
      maxBytesPerPartition: settings.fetchBytesPerPartition,
      allowAutoTopicCreation: false,
      readUncommitted: false,
      retry: CONSUMER_RETRY,
    });
    let crashed = false;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crashed = true;
      log("warn", "a consumer failed and is built anew", { group: options.group, error: payload.error.message });
      this.#restartWake.wake();
    });
    this.#follow(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      this.#consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (batch) => this.#take(batch),
      });
      while (!crashed && !this.#ended) await this.#restartWake.sleep(60_000);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log("warn", "a member of a bus group cannot join", { group: options.group, error: message });
    }
    this.#consumer = undefined;
    this.#commitOffsets = undefined;
    this.#memberId = undefined;
    this.#revokeAll();
    await within(settings.closeTimeoutMs, consumer.disconnect());
  }

  #follow(consumer: Consumer): void {
    const { HEARTBEAT, REBALANCING, GROUP_JOIN, START_BATCH_PROCESS } = consumer.events;
    const { sessionMs } = this.#parts.settings;
    consumer.on(HEARTBEAT, () => {
      const wasUnsure = performance.now() >= this.#validUntilMs;
      this.#validUntilMs = performance.now() + sessionMs * SURE_OF_SESSION;
      if (wasUnsure) this.#window.advance();
    });
    consumer.on(REBALANCING, () => {
      // Nothing starts until it is known what stays; what is finished is committed while the old assignment holds.
      this.#validUntilMs = 0;
      this.#commitWake.wake();
    });
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (payload.memberId !== this.#memberId) this.#revokeAll();
      this.#memberId = payload.memberId;
      this.#validUntilMs = performance.now() + sessionMs * SURE_OF_SESSION;
      this.#keepAssigned(consumer, payload.memberAssignment);
    });
    consumer.on(START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      // Only markers of transactions: eachBatch does not get these.
      if (batchSize === 0) this.#window.find(topic, partition)?.add([], Number(lastOffset) + 1);
    });
  }

  /** Drops what went to others. What stays is read on from where it was, not from the last commit. */
  #keepAssigned(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const window of [...this.#window.partitions]) {
      const { topic, partition } = window;
      if (!assignment[topic]?.includes(partition)) this.#revoke(window);
      else this.#attempt(() => consumer.seek({ topic, partition, offset: String(window.fetched) }));
    }
    this.#window.advance();
  }

  #revokeAll(): void {
    for (const window of [...this.#window.partitions]) this.#revoke(window);
  }

  #revoke(window: PartitionWindow): void {
    this.#window.revoke(window);
    this.#resume(window);
  }

  #take({ batch, resolveOffset, commitOffsetsIfNecessary, isStale }: EachBatchPayload): void {
    if (this.#stopping || isStale()) return;
    this.#commitOffsets = commitOffsetsIfNecessary;
    const first = batch.messages[0];
    if (!first) return;
    const { topic, partition } = batch;
    let window = this.#window.find(topic, partition);
    if (!window) {
      window = new PartitionWindow(topic, partition, Number(first.offset));
      this.#window.assign(window);
    }
    const messages = batch.messages.map((message) => delivered(topic, partition, message));
    window.add(messages, Number(batch.lastOffset()) + 1);
    resolveOffset(messages.at(-1)?.offset ?? first.offset);
    this.#window.advance();
    if (window.waiting >= this.#parts.settings.bufferPerPartition) this.#pause(window);
  }

  #pause(window: PartitionWindow): void {
    if (this.#paused.has(window)) return;
    this.#paused.add(window);
    this.#attempt(() => this.#consumer?.pause([{ topic: window.topic, partitions: [window.partition] }]));
  }

  #resume(window: PartitionWindow): void {
    if (!this.#paused.delete(window) || this.#stopping) return;
    this.#attempt(() => this.#consumer?.resume([{ topic: window.topic, partitions: [window.partition] }]));
  }

  /** kafkajs throws when its consumer is just being stopped. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#parts.log("debug", "the consumer is not running", { group: this.#parts.options.group, error: message });
    }
  }

  async #keepCommitting(): Promise<void> {
    while (!this.#ended) {
      await this.#commitWake.sleep(this.#parts.settings.commitMs);
      if (!this.#stopping) await this.#commit([...this.#window.partitions]);
    }
  }

  async #commit(windows: readonly PartitionWindow[]): Promise<void> {
    const commits = windows
      .map((window) => ({ window, offset: window.finishedUpTo }))
      .filter(({ window, offset }) => offset > window.committed);
    if (commits.length === 0 || !this.#commitOffsets) return;
    const topics = Map.groupBy(commits, ({ window }) => window.topic);
    const offsets = [...topics].map(([topic, ofTopic]) => ({
      topic,
      partitions: ofTopic.map(({ window, offset }) => ({ partition: window.partition, offset: String(offset) })),
    }));
    try {
      await this.#commitOffsets({ topics: offsets });
      for (const { window, offset } of commits) window.committed = offset;
    } catch (error) {
      // The next round tries again; when the group has moved on, the heartbeat tells.
      const message = error instanceof Error ? error.message : String(error);
      this.#parts.log("debug", "offsets could not be committed", { group: this.#parts.options.group, error: message });
    }
  }
}

function delivered(topic: string, partition: number, { offset, key, value, headers }: KafkaMessage): Delivered {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(headers ?? {})) texts[name] = String(text ?? "");
  return { topic, partition, offset, key: String(key ?? ""), value: String(value ?? ""), headers: texts };
}
