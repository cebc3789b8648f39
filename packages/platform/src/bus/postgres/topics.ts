import type { Topic } from "../bus.ts";
import { withDeadLetters } from "../dead-letter.ts";
import type { Connections } from "./connections.ts";

/** What is known of a topic: its partitions' ids in the log, by partition number. Topics never change. */
export type KnownTopic = { readonly name: string; readonly ids: readonly number[] };

const ADD_TOPICS = {
  text: `with added as (
    insert into bus.topics (name, partitions) select * from unnest($1::text[], $2::int[]) order by 1
    on conflict (name) do nothing returning name, partitions
  )
  insert into bus.partitions (topic, partition)
  select a.name, n from added a cross join lateral generate_series(0, a.partitions - 1) n order by 1, 2`,
};
const READ_TOPICS = {
  text: `select topic, array_agg(id order by partition) from bus.partitions where topic = any ($1) group by topic`,
};

/** Creates and remembers topics. */
export class Topics {
  readonly #connections: Connections;
  readonly #known = new Map<string, KnownTopic>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async ensure(topics: readonly Topic[]): Promise<void> {
    const wanted = withDeadLetters(topics);
    const names = wanted.map((topic) => topic.name);
    await this.#connections.publish(ADD_TOPICS, [names, wanted.map((topic) => topic.partitions)]);
    await this.#read(names);
    for (const { name, partitions } of wanted) {
      const known = this.#known.get(name)?.ids.length;
      if (known !== partitions) throw new RangeError(`topic ${name} has ${known} partitions, not ${partitions}`);
    }
  }

  /** Throws RangeError for a topic that was never created. */
  async find(names: Iterable<string>): Promise<KnownTopic[]> {
    const missing = [...names].filter((name) => !this.#known.has(name));
    if (missing.length > 0) await this.#read(missing);
    return Array.from(names, (name) => {
      const known = this.#known.get(name);
      if (!known) throw new RangeError(`there is no topic ${name}: create it with ensureTopics`);
      return known;
    });
  }

  /** Without a query; undefined when `find` has not seen the topic yet. */
  known(name: string): KnownTopic | undefined {
    return this.#known.get(name);
  }

  async #read(names: readonly string[]): Promise<void> {
    for (const row of await this.#connections.publish(READ_TOPICS, [names])) {
      const name = String(row[0]);
      this.#known.set(name, { name, ids: (row[1] as unknown[]).map(Number) });
    }
  }
}
