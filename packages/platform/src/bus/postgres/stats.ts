import type { Connections } from "./connections.ts";

export type BusStats = {
  /** `published` counts from the beginning, `stored` what retention has left. */
  readonly topics: readonly { readonly topic: string; readonly published: number; readonly stored: number }[];
  /** `members` are those heard of within the lease. */
  readonly groups: readonly {
    readonly group: string;
    readonly topic: string;
    readonly lag: number;
    readonly members: number;
  }[];
};

const TOPICS = {
  text: `select p.topic, sum(p.head), sum(p.head - coalesce(w.low, 0))
  from bus.partitions p left join bus.lows w on w.partition_id = p.id group by p.topic order by p.topic`,
};
const GROUPS = {
  text: `select l.group_name, p.topic, sum(p.head - greatest(l.committed, coalesce(w.low, 0))), (
    select count(*) from bus.members m
    where m.group_name = l.group_name and p.topic = any (m.topics) and m.expires_at > now()
  )
  from bus.leases l join bus.partitions p on p.id = l.partition_id left join bus.lows w on w.partition_id = p.id
  group by l.group_name, p.topic order by 1, 2`,
};

/** Figures for metrics, from a few hundred rows: cheap enough for every scrape. */
export async function readStats(connections: Connections): Promise<BusStats> {
  const topics = await connections.consume(TOPICS, []);
  const groups = await connections.consume(GROUPS, []);
  return {
    topics: topics.map((row) => ({ topic: String(row[0]), published: Number(row[1]), stored: Number(row[2]) })),
    groups: groups.map((row) => ({
      group: String(row[0]),
      topic: String(row[1]),
      lag: Number(row[2]),
      members: Number(row[3]),
    })),
  };
}
