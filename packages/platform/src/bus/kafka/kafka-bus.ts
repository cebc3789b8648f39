import type { Admin, Kafka, Producer } from "kafkajs";
import type { Bus, BusLog, Outgoing, Publisher, SubscribeOptions, Subscription, Topic } from "../bus.ts";
import { settlementOf } from "../settle-message.ts";
import { Claims } from "./claims.ts";
import { kafkaClient, sharedPartitioner, unavailable, within } from "./client.ts";
import { type KafkaBusOptions, type KafkaBusSettings, kafkaBusDefaults } from "./options.ts";
import { KafkaPublisher, type PublisherParts } from "./publisher.ts";
import { KafkaSubscription } from "./subscription.ts";
import { Topics } from "./topics.ts";

/**
 * The bus on Kafka through kafkajs, which is no longer maintained and imported nowhere else. Connects when it is first
 * used.
 */
export function kafkaBus(options: KafkaBusOptions): Bus {
  return new KafkaBusParts(options);
}

class KafkaBusParts implements Bus {
  readonly #settings: KafkaBusSettings;
  readonly #log: BusLog;
  readonly #kafka: Kafka;
  readonly #topics: Topics;
  readonly #claims: Claims;
  readonly #subscriptions = new Set<KafkaSubscription>();
  readonly #publishers = new Set<KafkaPublisher>();
  #admin: Promise<Admin> | undefined;
  #producer: Promise<Producer> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaBusOptions) {
    this.#settings = { ...kafkaBusDefaults, ...options.settings };
    this.#log = options.log ?? (() => undefined);
    this.#kafka = kafkaClient(options, this.#settings, this.#log);
    this.#topics = new Topics(() => this.#openAdmin(), this.#settings);
    this.#claims = new Claims(
      () => this.#openAdmin(),
      () => this.#openProducer(),
      this.#settings,
    );
  }

  ensureTopics(topics: readonly Topic[]): Promise<void> {
    return this.#topics.ensure(topics);
  }

  async publisher(name: string): Promise<Publisher> {
    const parts: PublisherParts = {
      kafka: this.#kafka,
      topics: this.#topics,
      claims: this.#claims,
      settings: this.#settings,
      onClosed: (publisher) => this.#publishers.delete(publisher),
    };
    const publisher = await KafkaPublisher.acquire(parts, name);
    this.#publishers.add(publisher);
    return publisher;
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    await this.#topics.find(options.topics);
    const subscription = new KafkaSubscription({
      kafka: this.#kafka,
      admin: () => this.#openAdmin(),
      options,
      settlement: settlementOf(options, (letter) => this.#bury(letter), this.#log),
      settings: this.#settings,
      log: this.#log,
      onStopped: () => this.#subscriptions.delete(subscription),
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await Promise.all([...this.#publishers].map((publisher) => publisher.close()));
    for (const open of [this.#admin, this.#producer]) {
      if (open)
        await within(
          this.#settings.closeTimeoutMs,
          open.then((client) => client.disconnect()),
        );
    }
  }

  async #bury({ topic, key, value, headers }: Outgoing): Promise<void> {
    const producer = await this.#openProducer();
    await producer.send({ topic, acks: -1, messages: [{ key, value, headers }] });
  }

  /** For topics and lag. */
  #openAdmin(): Promise<Admin> {
    this.#admin ??= this.#connect(this.#kafka.admin(), () => {
      this.#admin = undefined;
    });
    return this.#admin;
  }

  /** For dead letters and claims, which need no transaction: to store one twice does no harm. */
  #openProducer(): Promise<Producer> {
    const producer = () =>
      this.#kafka.producer({ allowAutoTopicCreation: false, createPartitioner: sharedPartitioner });
    this.#producer ??= this.#connect(producer(), () => {
      this.#producer = undefined;
    });
    return this.#producer;
  }

  async #connect<T extends { connect(): Promise<void> }>(client: T, forget: () => void): Promise<T> {
    try {
      await client.connect();
      return client;
    } catch (error) {
      forget();
      throw unavailable(error);
    }
  }
}
