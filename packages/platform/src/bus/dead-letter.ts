import type { Delivered, Outgoing, Topic } from "./bus.ts";

const SUFFIX = ".dead-letter";
const MAX_ERROR_CHARACTERS = 2_000;

/** Where messages of a topic go which its consumers cannot handle. */
export function deadLetterTopic(topic: string): string {
  return topic + SUFFIX;
}

/** Nothing is dead-lettered a second time. */
export function isDeadLetterTopic(topic: string): boolean {
  return topic.endsWith(SUFFIX);
}

/** The topics asked for and the dead-letter topic (one partition) of each. */
export function withDeadLetters(topics: readonly Topic[]): Topic[] {
  const wanted = new Map<string, Topic>();
  for (const topic of topics) {
    if (isDeadLetterTopic(topic.name)) continue;
    const name = deadLetterTopic(topic.name);
    wanted.set(name, { name, partitions: 1 });
  }
  for (const topic of topics) wanted.set(topic.name, topic);
  return [...wanted.values()];
}

/** The message as it is stored in the dead-letter topic: unchanged, with headers that tell where it failed and why. */
export function deadLetter(message: Delivered, group: string, error: unknown, attempts: number): Outgoing {
  return {
    topic: deadLetterTopic(message.topic),
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      "dead-letter-topic": message.topic,
      "dead-letter-partition": String(message.partition),
      "dead-letter-offset": message.offset,
      "dead-letter-group": group,
      "dead-letter-error": describe(error),
      "dead-letter-attempts": String(attempts),
    },
  };
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replaceAll("\0", "\uFFFD").slice(0, MAX_ERROR_CHARACTERS);
}
