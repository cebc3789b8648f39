import type { BusLog } from "../bus.ts";
import { WakeUp } from "../wake-up.ts";
import type { Connections } from "./connections.ts";
import type { PostgresBusSettings } from "./options.ts";

// One step of one partition: from the lowest row up, those which every group has passed and which are old enough.
const PRUNE = {
  name: "bus-prune",
  text: `with bounds as (
    select p.id, coalesce(w.low, 0) as low, least(
      coalesce(w.low, 0) + $4,
      coalesce((select min(l.committed) from bus.leases l where l.partition_id = p.id), p.head)
    ) as top
    from bus.partitions p left join bus.lows w on w.partition_id = p.id where p.id = $1
  ), young as (
    select min(g."offset") as first from bus.log g, bounds b, bus.partitions p
    where p.id = b.id and g.partition_id = b.id and g."offset" >= b.low and g."offset" < b.top
      and g.appended_at >= now() - case when p.topic like '%.dead-letter' then $3::float8 else $2::float8 end * interval '1 ms'
  ), cut as (
    select b.id, b.low, coalesce(young.first, b.top) as top from bounds b, young
  ), gone as (
    delete from bus.log g using cut where g.partition_id = cut.id and g."offset" >= cut.low and g."offset" < cut.top
  )
  insert into bus.lows as w (partition_id, low) select id, top from cut where top > low
  on conflict (partition_id) do update set low = greatest(w.low, excluded.low)
  returning low`,
};
const PARTITIONS = {
  text: `select p.id, p.head - coalesce(w.low, 0) from bus.partitions p
  left join bus.lows w on w.partition_id = p.id where p.head > coalesce(w.low, 0) order by 1`,
};
const FORGET_MEMBERS = { text: "delete from bus.members where expires_at < now() - $1 * interval '1 ms'" };
const FORGET_GROUPS = {
  text: "delete from bus.leases l where not exists (select from bus.members m where m.group_name = l.group_name)",
};

/** Deletes what was consumed and is old, in bounded steps, and forgets groups that were abandoned. */
export class Retention {
  readonly #connections: Connections;
  readonly #settings: PostgresBusSettings;
  readonly #log: BusLog;
  readonly #wakeUp = new WakeUp();
  readonly #running: Promise<void>;
  #closed = false;

  constructor(connections: Connections, settings: PostgresBusSettings, log: BusLog) {
    this.#connections = connections;
    this.#settings = settings;
    this.#log = log;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeUp.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      // Spread, so that processes started together do not prune together.
      await this.#wakeUp.sleep(this.#settings.retentionEveryMs * (0.75 + Math.random() / 2));
      if (this.#closed) return;
      await this.prune().catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#log("warn", "the bus cannot delete old messages", { error: message });
      });
    }
  }

  /** Everything that may go now. Each statement deletes `retentionStep` rows at most. */
  async prune(): Promise<void> {
    const { retentionMs, deadLetterRetentionMs, retentionStep, abandonedGroupMs } = this.#settings;
    await this.#connections.consume(FORGET_MEMBERS, [abandonedGroupMs]);
    await this.#connections.consume(FORGET_GROUPS, []);
    for (const [id, stored] of await this.#connections.consume(PARTITIONS, [])) {
      const steps = Math.ceil(Number(stored) / retentionStep);
      for (let step = 0; step < steps && !this.#closed; step += 1) {
        const values = [id, retentionMs, deadLetterRetentionMs, retentionStep];
        if ((await this.#connections.consume(PRUNE, values)).length === 0) break;
      }
    }
  }
}
