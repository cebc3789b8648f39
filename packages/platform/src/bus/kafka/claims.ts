import type { Admin, Producer } from "kafkajs";
import { unavailable } from "./client.ts";
import type { KafkaBusSettings } from "./options.ts";

/**
 * Who is the newest publisher of a name. Kafka's own fencing (KIP-98) lets whoever initialises the transactional id
 * last win, and kafkajs can only initialise it anew after an error: an old publisher that recovers would fence its
 * successor. So each publisher first appends a claim to the name's own topic; the claim at the end of it is the newest.
 */
export class Claims {
  readonly #admin: () => Promise<Admin>;
  readonly #producer: () => Promise<Producer>;
  readonly #settings: KafkaBusSettings;

  constructor(admin: () => Promise<Admin>, producer: () => Promise<Producer>, settings: KafkaBusSettings) {
    this.#admin = admin;
    this.#producer = producer;
    this.#settings = settings;
  }

  /** Makes a claim newer than all before it. */
  async make(name: string): Promise<bigint> {
    const topic = claimTopic(name);
    try {
      const admin = await this.#admin();
      const { replicationFactor } = this.#settings;
      await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor }] });
      const producer = await this.#producer();
      const [stored] = await producer.send({ topic, acks: -1, messages: [{ key: name, value: "claim" }] });
      return BigInt(stored?.baseOffset ?? -1);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async isNewest(name: string, claim: bigint): Promise<boolean> {
    try {
      const [end] = await (await this.#admin()).fetchTopicOffsets(claimTopic(name));
      return BigInt(end?.high ?? -1) === claim + 1n;
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function claimTopic(name: string): string {
  if (!/^[a-zA-Z0-9._-]{1,100}$/.test(name)) throw new RangeError(`no name for a publisher: ${name}`);
  return `publisher.${name}`;
}
