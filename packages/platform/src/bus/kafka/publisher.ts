import { CompressionTypes, type Kafka, type Producer, type TopicMessages } from "kafkajs";
import type { Message, Outgoing, Publisher } from "../bus.ts";
import { PublishLane } from "../publish-lane.ts";
import { PublisherFenced } from "../publisher-fenced.ts";
import type { Claims } from "./claims.ts";
import { errorType, sharedPartitioner, unavailable, within } from "./client.ts";
import type { KafkaBusSettings } from "./options.ts";
import type { Topics } from "./topics.ts";

export type PublisherParts = {
  readonly kafka: Kafka;
  readonly topics: Topics;
  readonly claims: Claims;
  readonly settings: KafkaBusSettings;
  readonly onClosed: (publisher: KafkaPublisher) => void;
};

/** Another producer has initialised the transactional id, or the broker has ended the transaction. */
const FENCED = new Set([
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "INVALID_TXN_STATE",
  "INVALID_PRODUCER_ID_MAPPING",
]);

/** A publisher whose every flush is one transaction of Kafka. Readers see it whole or not at all. */
export class KafkaPublisher implements Publisher {
  readonly #parts: PublisherParts;
  readonly #name: string;
  readonly #claim: bigint;
  readonly #lane: PublishLane;
  #producer: Producer | undefined;

  private constructor(parts: PublisherParts, name: string, claim: bigint) {
    this.#parts = parts;
    this.#name = name;
    this.#claim = claim;
    this.#lane = new PublishLane({
      flush: (messages) => this.#flush(messages),
      maxBatch: parts.settings.publishBatch,
      maxQueued: parts.settings.publishQueue,
      timeoutMs: parts.settings.publishTimeoutMs,
    });
  }

  /** Fences every older publisher of the name. */
  static async acquire(parts: PublisherParts, name: string): Promise<KafkaPublisher> {
    const publisher = new KafkaPublisher(parts, name, await parts.claims.make(name));
    await publisher.#ready();
    return publisher;
  }

  publish(topic: string, messages: readonly Message[]): Promise<void> {
    return this.publishAll(messages.map((message) => ({ ...message, topic })));
  }

  async publishAll(messages: readonly Outgoing[]): Promise<void> {
    const unknown = new Set<string>();
    for (const { topic } of messages) if (!this.#parts.topics.isKnown(topic)) unknown.add(topic);
    if (unknown.size > 0) await this.#parts.topics.find(unknown);
    await this.#lane.publish(messages);
  }

  async close(): Promise<void> {
    await this.#lane.close();
    await this.#discard();
    this.#parts.onClosed(this);
  }

  async #flush(messages: readonly Outgoing[]): Promise<void> {
    const producer = await this.#ready();
    try {
      const transaction = await producer.transaction();
      await transaction.sendBatch({
        topicMessages: topicMessages(messages),
        acks: -1,
        compression: CompressionTypes.None,
      });
      await transaction.commit();
    } catch (error) {
      // kafkajs cannot go on after a transaction that failed; the next flush begins with a new producer, and Kafka
      // aborts what this one has left.
      await this.#discard();
      throw await this.#meaning(error);
    }
  }

  async #meaning(error: unknown): Promise<unknown> {
    const type = errorType(error);
    if (type === "MESSAGE_TOO_LARGE") return new RangeError("a message is too large for the broker", { cause: error });
    if (type !== undefined && FENCED.has(type) && !(await this.#isNewest())) {
      return new PublisherFenced(this.#name, { cause: error });
    }
    return unavailable(error);
  }

  async #isNewest(): Promise<boolean> {
    return await this.#parts.claims.isNewest(this.#name, this.#claim);
  }

  /** A producer whose transactional id is initialised, by this publisher only while it is the newest. */
  async #ready(): Promise<Producer> {
    if (this.#producer) return this.#producer;
    if (!(await this.#isNewest())) throw new PublisherFenced(this.#name);
    const { kafka, settings } = this.#parts;
    const producer = kafka.producer({
      transactionalId: this.#name,
      transactionTimeout: settings.transactionTimeoutMs,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: sharedPartitioner,
      retry: PRODUCER_RETRY,
    });
    this.#producer = producer;
    try {
      await producer.connect();
      // kafkajs initialises the id with the first transaction; an empty one costs no further request.
      await (await producer.transaction()).abort();
      if (await this.#isNewest()) return producer;
    } catch (error) {
      await this.#discard();
      throw unavailable(error);
    }
    // A successor came in between and may have been fenced by us; it finds its claim newest and begins anew.
    await this.#discard();
    throw new PublisherFenced(this.#name);
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer) await within(this.#parts.settings.closeTimeoutMs, producer.disconnect());
  }
}

/** Right after a commit Kafka answers CONCURRENT_TRANSACTIONS until its markers are written: a matter of milliseconds. */
const PRODUCER_RETRY = { initialRetryTime: 3, multiplier: 2, factor: 0, maxRetryTime: 250, retries: 10 };

function topicMessages(messages: readonly Outgoing[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of messages) {
    const known = byTopic.get(topic);
    if (known) known.messages.push({ key, value, headers });
    else byTopic.set(topic, { topic, messages: [{ key, value, headers }] });
  }
  return [...byTopic.values()];
}
