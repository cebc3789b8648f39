export type GroupMember = { readonly id: string; readonly topics: readonly string[] };
/** `owner` is undefined when nobody holds the lease, or only a member that is no longer heard of. */
export type GroupLease = { readonly partitionId: number; readonly topic: string; readonly owner: string | undefined };
export type LeasePlan = {
  readonly take: readonly number[];
  readonly release: readonly number[];
  /** True while others hold what this member is due. */
  readonly waiting: boolean;
};

/**
 * What one member should take and give up so that each topic's partitions are spread evenly over the members that
 * subscribe to it. Every member computes its own part from the same rows; their quotas add up, so they agree.
 */
export function planLeases(me: string, members: readonly GroupMember[], leases: readonly GroupLease[]): LeasePlan {
  const take: number[] = [];
  const release: number[] = [];
  let waiting = false;
  const topics = [...new Set(leases.map((lease) => lease.topic))].sort();
  for (const [index, topic] of topics.entries()) {
    const ofTopic = leases.filter((lease) => lease.topic === topic).sort((a, b) => a.partitionId - b.partitionId);
    const quota = quotaOf(me, members, topic, index, ofTopic.length);
    const mine = ofTopic.filter((lease) => lease.owner === me);
    const free = ofTopic.filter((lease) => lease.owner === undefined);
    const due = quota - mine.length;
    if (due < 0) release.push(...mine.slice(due).map((lease) => lease.partitionId));
    if (due > 0) take.push(...free.slice(0, due).map((lease) => lease.partitionId));
    if (due > free.length) waiting = true;
  }
  return { take, release, waiting };
}

/** The rest of an uneven division goes to another member with each topic, so that it does not pile up on the first. */
function quotaOf(
  me: string,
  members: readonly GroupMember[],
  topic: string,
  index: number,
  partitions: number,
): number {
  const subscribed = members
    .filter((member) => member.topics.includes(topic))
    .map((member) => member.id)
    .sort();
  const rank = subscribed.indexOf(me);
  if (rank < 0) return 0;
  const turned = (rank + index) % subscribed.length;
  return Math.floor(partitions / subscribed.length) + (turned < partitions % subscribed.length ? 1 : 0);
}
