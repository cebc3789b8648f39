import type { Connections } from "./connections.ts";
import { type GroupMember, type LeasePlan, planLeases } from "./plan-leases.ts";

/** A partition this member holds. The epoch goes into every commit: an older one is refused. */
export type Lease = {
  readonly partitionId: number;
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly committed: number;
};

export type GroupView = { readonly mine: ReadonlyMap<number, Lease>; readonly plan: LeasePlan };
export type OffsetCommit = { readonly lease: Lease; readonly offset: number };

type LeaseRow = Lease & { readonly owner: string | undefined };

const JOIN = {
  text: `insert into bus.leases (group_name, partition_id)
  select $1, p.id from bus.partitions p where p.topic = any ($2) order by p.id
  on conflict do nothing`,
};
const HEARTBEAT = {
  name: "bus-heartbeat",
  text: `insert into bus.members (group_name, member_id, topics, expires_at)
  values ($1, $2, $3, now() + $4 * interval '1 ms')
  on conflict (group_name, member_id) do update set topics = excluded.topics, expires_at = excluded.expires_at`,
};
const MEMBERS = {
  name: "bus-members",
  text: `select member_id, topics from bus.members
  where group_name = $1 and expires_at > now()`,
};
const LEASES = {
  name: "bus-leases",
  text: `select l.partition_id, p.topic, p.partition, l.epoch, greatest(l.committed, coalesce(w.low, 0)), l.member_id
  from bus.leases l join bus.partitions p on p.id = l.partition_id left join bus.lows w on w.partition_id = p.id
  where l.group_name = $1 and p.topic = any ($2)`,
};
// The epoch read before guards against another member that took it meanwhile.
const TAKE = {
  name: "bus-take",
  text: `update bus.leases l set member_id = $2, epoch = l.epoch + 1
  from unnest($3::int[], $4::bigint[]) as c (id, epoch)
  where l.group_name = $1 and l.partition_id = c.id and l.epoch = c.epoch
  returning l.partition_id, l.epoch, l.committed`,
};
const COMMIT = {
  name: "bus-commit",
  text: `update bus.leases l set committed = c.position
  from unnest($3::int[], $4::bigint[], $5::bigint[]) as c (id, epoch, position)
  where l.group_name = $1 and l.member_id = $2 and l.partition_id = c.id and l.epoch = c.epoch
  returning l.partition_id`,
};
const RELEASE = {
  name: "bus-release",
  text: `update bus.leases l set member_id = null from unnest($3::int[], $4::bigint[]) as c (id, epoch)
  where l.group_name = $1 and l.member_id = $2 and l.partition_id = c.id and l.epoch = c.epoch`,
};
// The row stays: retention tells by it how long the group has been without members.
const LEAVE = {
  text: `update bus.members set expires_at = now() - interval '1 ms' where group_name = $1 and member_id = $2`,
};
const LAG = {
  text: `select coalesce(sum(p.head - greatest(l.committed, coalesce(w.low, 0))), 0)
  from bus.leases l join bus.partitions p on p.id = l.partition_id left join bus.lows w on w.partition_id = p.id
  where l.group_name = $1 and p.topic = any ($2)`,
};

/** One member's dealings with the tables of its group. */
export class Membership {
  readonly #connections: Connections;
  readonly #group: string;
  readonly #member: string;
  readonly #topics: readonly string[];
  readonly #leaseMs: number;
  /** The leases of the last heartbeat, for `take`. */
  #seen: ReadonlyMap<number, LeaseRow> = new Map();

  constructor(connections: Connections, group: string, member: string, topics: readonly string[], leaseMs: number) {
    this.#connections = connections;
    this.#group = group;
    this.#member = member;
    this.#topics = topics;
    this.#leaseMs = leaseMs;
  }

  async join(): Promise<void> {
    await this.#connections.consume(JOIN, [this.#group, this.#topics]);
  }

  /** Says that this member lives, and shows the group as it is. */
  async heartbeat(): Promise<GroupView> {
    await this.#connections.consume(HEARTBEAT, [this.#group, this.#member, this.#topics, this.#leaseMs]);
    const members = (await this.#connections.consume(MEMBERS, [this.#group])).map(
      ([id, topics]): GroupMember => ({ id: String(id), topics: topics as string[] }),
    );
    const live = new Set(members.map((member) => member.id));
    const rows = (await this.#connections.consume(LEASES, [this.#group, this.#topics])).map((row) =>
      leaseRow(row, live),
    );
    const mine = new Map(rows.filter((row) => row.owner === this.#member).map((row) => [row.partitionId, row]));
    this.#seen = new Map(rows.map((row) => [row.partitionId, row]));
    return { mine, plan: planLeases(this.#member, members, rows) };
  }

  /** Takes free leases; those another member was quicker to take are left out. */
  async take(partitionIds: readonly number[]): Promise<Lease[]> {
    const wanted = partitionIds.flatMap((id) => this.#seen.get(id) ?? []);
    if (wanted.length === 0) return [];
    const epochs = wanted.map((row) => row.epoch);
    const ids = wanted.map((row) => row.partitionId);
    const taken = await this.#connections.consume(TAKE, [this.#group, this.#member, ids, epochs]);
    return taken.flatMap(([id, epoch, committed]) => {
      const row = this.#seen.get(Number(id));
      if (!row) return [];
      return [{ ...row, epoch: Number(epoch), committed: Math.max(row.committed, Number(committed)) }];
    });
  }

  /** Stores how far the partitions are finished. Returns the ids that are still held; the others are lost. */
  async commit(commits: readonly OffsetCommit[]): Promise<Set<number>> {
    if (commits.length === 0) return new Set();
    const ids = commits.map((commit) => commit.lease.partitionId);
    const epochs = commits.map((commit) => commit.lease.epoch);
    const offsets = commits.map((commit) => commit.offset);
    const rows = await this.#connections.consume(COMMIT, [this.#group, this.#member, ids, epochs, offsets]);
    return new Set(rows.map(([id]) => Number(id)));
  }

  async release(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    const ids = leases.map((lease) => lease.partitionId);
    await this.#connections.consume(RELEASE, [this.#group, this.#member, ids, leases.map((lease) => lease.epoch)]);
  }

  async leave(): Promise<void> {
    await this.#connections.consume(LEAVE, [this.#group, this.#member]);
  }

  async lag(): Promise<number> {
    const [row] = await this.#connections.consume(LAG, [this.#group, this.#topics]);
    return Number(row?.[0] ?? 0);
  }
}

function leaseRow(row: readonly unknown[], live: ReadonlySet<string>): LeaseRow {
  const owner = row[5] === null ? undefined : String(row[5]);
  return {
    partitionId: Number(row[0]),
    topic: String(row[1]),
    partition: Number(row[2]),
    epoch: Number(row[3]),
    committed: Number(row[4]),
    owner: owner !== undefined && live.has(owner) ? owner : undefined,
  };
}
