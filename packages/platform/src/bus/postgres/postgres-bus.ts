import { randomUUID } from "node:crypto";
import type { Bus, Publisher, SubscribeOptions, Subscription, Topic } from "../bus.ts";
import { settlementOf } from "../settle-message.ts";
import { boundedConnection, Connections } from "./connections.ts";
import { Listener, Notifier } from "./listener.ts";
import { Membership } from "./membership.ts";
import { type PostgresBusOptions, type PostgresBusSettings, postgresBusDefaults } from "./options.ts";
import { PostgresPublisher, type PublisherParts } from "./publisher.ts";
import { Retention } from "./retention.ts";
import { migrateBusSchema } from "./schema.ts";
import { type BusStats, readStats } from "./stats.ts";
import { PostgresSubscription } from "./subscription.ts";
import { Topics } from "./topics.ts";

export type PostgresBus = Bus & {
  /** For metrics. Rejects with BusUnavailable while the database is away. */
  stats(): Promise<BusStats>;
  /** Deletes now what retention would delete within `retentionEveryMs`. */
  prune(): Promise<void>;
};

/**
 * The bus on PostgreSQL: a log table, leases on partitions, polling with wake-ups. Good for one machine.
 * Rejects with BusUnavailable when the database is away at start; later it waits for its return by itself.
 */
export async function postgresBus(options: PostgresBusOptions): Promise<PostgresBus> {
  const settings = { ...postgresBusDefaults, ...options.settings };
  if (settings.migrate) await migrateBusSchema(options.connection, settings);
  return new PostgresBusParts(options, settings);
}

class PostgresBusParts implements PostgresBus {
  readonly #settings: PostgresBusSettings;
  readonly #log: NonNullable<PostgresBusOptions["log"]>;
  readonly #connections: Connections;
  readonly #topics: Topics;
  readonly #notifier: Notifier;
  readonly #listener: Listener;
  readonly #retention: Retention;
  readonly #deadLetters: PostgresPublisher;
  readonly #subscriptions = new Set<PostgresSubscription>();
  readonly #publishers = new Set<PostgresPublisher>();
  #closing: Promise<void> | undefined;

  constructor(options: PostgresBusOptions, settings: PostgresBusSettings) {
    this.#settings = settings;
    this.#log = options.log ?? (() => undefined);
    this.#connections = new Connections(options.connection, settings, this.#log);
    this.#topics = new Topics(this.#connections);
    this.#notifier = new Notifier(this.#connections, settings.notifyMs);
    this.#listener = new Listener(
      boundedConnection(options.connection, settings),
      () => {
        for (const subscription of this.#subscriptions) subscription.wake();
      },
      this.#log,
    );
    this.#retention = new Retention(this.#connections, settings, this.#log);
    this.#deadLetters = PostgresPublisher.unfenced(this.#publisherParts());
  }

  ensureTopics(topics: readonly Topic[]): Promise<void> {
    return this.#topics.ensure(topics);
  }

  async publisher(name: string): Promise<Publisher> {
    const publisher = await PostgresPublisher.acquire(this.#publisherParts(), name);
    this.#publishers.add(publisher);
    return publisher;
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    await this.#topics.find(options.topics);
    const { leaseMs } = this.#settings;
    const membership = new Membership(this.#connections, options.group, randomUUID(), options.topics, leaseMs);
    await membership.join();
    const subscription = new PostgresSubscription({
      options,
      settlement: settlementOf(options, (letter) => this.#deadLetters.publishAll([letter]), this.#log),
      membership,
      connections: this.#connections,
      settings: this.#settings,
      log: this.#log,
      onStopped: () => this.#subscriptions.delete(subscription),
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  stats(): Promise<BusStats> {
    return readStats(this.#connections);
  }

  prune(): Promise<void> {
    return this.#retention.prune();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await Promise.all([...this.#publishers, this.#deadLetters].map((publisher) => publisher.close()));
    this.#notifier.close();
    await Promise.all([this.#listener.close(), this.#retention.close()]);
    await this.#connections.close();
  }

  #publisherParts(): PublisherParts {
    return {
      connections: this.#connections,
      topics: this.#topics,
      settings: this.#settings,
      onClosed: (publisher) => this.#publishers.delete(publisher),
      onPublished: (topics) => {
        this.#notifier.notify();
        // Readers in this process need no round trip.
        for (const subscription of this.#subscriptions) if (subscription.subscribesTo(topics)) subscription.wake();
      },
    };
  }
}
