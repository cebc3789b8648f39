import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import type { Topic } from "../bus.ts";
import { isDeadLetterTopic, withDeadLetters } from "../dead-letter.ts";
import { errorType, unavailable } from "./client.ts";
import type { KafkaBusSettings } from "./options.ts";

const NOT_YET_KNOWN = new Set(["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE"]);
const MAX_ATTEMPTS = 25;
const ATTEMPT_MS = 200;

/** Creates topics and remembers which exist. */
export class Topics {
  readonly #admin: () => Promise<Admin>;
  readonly #settings: KafkaBusSettings;
  readonly #known = new Set<string>();

  constructor(admin: () => Promise<Admin>, settings: KafkaBusSettings) {
    this.#admin = admin;
    this.#settings = settings;
  }

  async ensure(topics: readonly Topic[]): Promise<void> {
    const wanted = withDeadLetters(topics);
    const existing = new Set(await this.#ask((admin) => admin.listTopics()));
    for (const topic of wanted) if (!existing.has(topic.name)) await this.#create(topic);
    const names = wanted.map((topic) => topic.name);
    const counts = await this.#count(names);
    for (const { name, partitions } of wanted) {
      const count = counts.get(name);
      if (count !== partitions) throw new RangeError(`topic ${name} has ${count} partitions, not ${partitions}`);
      this.#known.add(name);
    }
  }

  /** Throws RangeError for a topic that was never created. */
  async find(names: Iterable<string>): Promise<void> {
    const missing = [...names].filter((name) => !this.#known.has(name));
    if (missing.length === 0) return;
    for (const name of await this.#ask((admin) => admin.listTopics())) this.#known.add(name);
    const unknown = missing.find((name) => !this.#known.has(name));
    if (unknown !== undefined) throw new RangeError(`there is no topic ${unknown}: create it with ensureTopics`);
  }

  isKnown(name: string): boolean {
    return this.#known.has(name);
  }

  /** Partitions by topic. A broker learns a moment later than the controller of topics another pod has just created. */
  async #count(names: string[]): Promise<Map<string, number>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { topics } = await (await this.#admin()).fetchTopicMetadata({ topics: names });
        return new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
      } catch (error) {
        if (!NOT_YET_KNOWN.has(errorType(error) ?? "") || attempt === MAX_ATTEMPTS) throw unavailable(error);
        await sleep(ATTEMPT_MS);
      }
    }
  }

  async #create({ name, partitions }: Topic): Promise<void> {
    const { replicationFactor, retentionMs, deadLetterRetentionMs } = this.#settings;
    const keptMs = isDeadLetterTopic(name) ? deadLetterRetentionMs : retentionMs;
    const topic = {
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [{ name: "retention.ms", value: String(keptMs) }],
    };
    try {
      await (await this.#admin()).createTopics({ topics: [topic], waitForLeaders: true });
    } catch (error) {
      // Made by us or by another pod at this moment; that the broker does not know it yet is waited for when partitions are counted.
      const type = errorType(error) ?? "";
      if (type !== "TOPIC_ALREADY_EXISTS" && !NOT_YET_KNOWN.has(type)) throw unavailable(error);
    }
  }

  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await question(await this.#admin());
    } catch (error) {
      throw unavailable(error);
    }
  }
}
