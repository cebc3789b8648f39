import type { Admin } from "kafkajs";

/** Messages of the topics that the group has not committed, control records of transactions at the end included. */
export async function groupLag(admin: Admin, group: string, topics: readonly string[]): Promise<number> {
  const committed = new Map<string, number>();
  for (const { topic, partitions } of await admin.fetchOffsets({ groupId: group, topics: [...topics] })) {
    for (const { partition, offset } of partitions) committed.set(`${topic}/${partition}`, Number(offset));
  }
  let lag = 0;
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const next = Math.max(Number(low), committed.get(`${topic}/${partition}`) ?? -1);
      lag += Math.max(0, Number(high) - next);
    }
  }
  return lag;
}
