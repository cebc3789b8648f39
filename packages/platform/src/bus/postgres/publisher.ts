import pg from "pg";
import type { Message, Outgoing, Publisher } from "../bus.ts";
import { partitionOf } from "../partition-of.ts";
import { PublishLane } from "../publish-lane.ts";
import { PublisherFenced } from "../publisher-fenced.ts";
import type { Connections } from "./connections.ts";
import type { PostgresBusSettings } from "./options.ts";
import type { Topics } from "./topics.ts";

const ACQUIRE = { text: "select bus.acquire_publisher($1)" };
const PUBLISH = { name: "bus-publish", text: "select bus.publish($1, $2, $3, $4, $5, $6, $7, $8, $9)" };
/** Raised by bus.publish. */
const FENCED = "KB001";

export type PublisherParts = {
  readonly connections: Connections;
  readonly topics: Topics;
  readonly settings: PostgresBusSettings;
  /** Told the topics of what has just been committed. */
  readonly onPublished: (topics: ReadonlySet<string>) => void;
  readonly onClosed: (publisher: PostgresPublisher) => void;
};

/** A publisher whose every flush is one statement, hence one transaction. */
export class PostgresPublisher implements Publisher {
  readonly #parts: PublisherParts;
  readonly #name: string | null;
  readonly #epoch: string | null;
  readonly #lane: PublishLane;

  private constructor(parts: PublisherParts, name: string | null, epoch: string | null) {
    this.#parts = parts;
    this.#name = name;
    this.#epoch = epoch;
    this.#lane = new PublishLane({
      flush: (messages) => this.#flush(messages),
      maxBatch: parts.settings.publishBatch,
      maxQueued: parts.settings.publishQueue,
      timeoutMs: parts.settings.publishTimeoutMs,
    });
  }

  /** Fences every older publisher of the name. */
  static async acquire(parts: PublisherParts, name: string): Promise<PostgresPublisher> {
    const [row] = await parts.connections.publish(ACQUIRE, [name]);
    return new PostgresPublisher(parts, name, String(row?.[0]));
  }

  /** Fences nobody and cannot be fenced: for dead letters, which any member may write. */
  static unfenced(parts: PublisherParts): PostgresPublisher {
    return new PostgresPublisher(parts, null, null);
  }

  publish(topic: string, messages: readonly Message[]): Promise<void> {
    return this.publishAll(messages.map((message) => ({ ...message, topic })));
  }

  async publishAll(messages: readonly Outgoing[]): Promise<void> {
    const unknown = new Set<string>();
    for (const { topic } of messages) if (!this.#parts.topics.known(topic)) unknown.add(topic);
    if (unknown.size > 0) await this.#parts.topics.find(unknown);
    await this.#lane.publish(messages);
  }

  async close(): Promise<void> {
    await this.#lane.close();
    this.#parts.onClosed(this);
  }

  async #flush(messages: readonly Outgoing[]): Promise<void> {
    const batch = new Batch(this.#parts.topics);
    for (const message of messages) batch.add(message);
    try {
      await this.#parts.connections.publish(PUBLISH, [this.#name, this.#epoch, ...batch.arrays()]);
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === FENCED) {
        throw new PublisherFenced(String(this.#name), { cause: error });
      }
      throw error;
    }
    this.#parts.onPublished(batch.topicNames);
  }
}

/** Messages as the parallel arrays of bus.publish. */
class Batch {
  readonly topicNames = new Set<string>();
  readonly #topics: Topics;
  readonly #counts = new Map<number, number>();
  readonly #slots: number[] = [];
  readonly #ranks: number[] = [];
  readonly #keys: string[] = [];
  readonly #values: string[] = [];
  readonly #headers: (string | null)[] = [];

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  add(message: Outgoing): void {
    const ids = this.#topics.known(message.topic)?.ids ?? [];
    const id = ids[partitionOf(message.key, ids.length)] ?? 0;
    const rank = this.#counts.get(id) ?? 0;
    this.#counts.set(id, rank + 1);
    this.topicNames.add(message.topic);
    this.#slots.push(id);
    this.#ranks.push(rank);
    this.#keys.push(message.key);
    this.#values.push(message.value);
    this.#headers.push(headersText(message.headers));
  }

  arrays(): unknown[] {
    const ids = [...this.#counts.keys()];
    const counts = [...this.#counts.values()];
    return [ids, counts, this.#slots, this.#ranks, this.#keys, this.#values, this.#headers];
  }
}

function headersText(headers: Readonly<Record<string, string>>): string | null {
  for (const _ in headers) return JSON.stringify(headers);
  return null;
}
