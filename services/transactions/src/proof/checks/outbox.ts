import { idPrefixes } from "@kassa/kernel/id";
import type { Findings } from "../findings.ts";
import { MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import { addSqlFaults } from "../sql-fault.ts";

/** Streams named as those whose outbox row may be the lost one. */
const MAX_CANDIDATES = 20;

const TOTALS = `
  select
    (select versions_published from outbox_progress) as published,
    (select coalesce(sum(to_version - from_version + 1) filter (where from_version > 0), 0)::bigint from outbox) as waiting,
    (select count(*) from outbox) as rows`;

// A version that was neither published nor waits was lost with its command, if it had one: then its stream stands still.
const CANDIDATES = `
  select '${idPrefixes.payment}' || replace(p.id::text, '-', '') as id from payments p
  where (p.status = 'new' or exists (
      select 1 from operations o where o.payment_id = p.id and o.outcome in ('pending', 'unknown')
    ))
    and not exists (select 1 from outbox x where x.stream_id = p.id)
    and not exists (
      select 1 from inbox i where i.consumer = 'transactions.worker' and i.message_id = p.id || ':' || p.version
    )
  order by p.id limit ${MAX_CANDIDATES}`;

const RANGES = `
  with last as (
    select x.stream_id, max(e.version) as version, min(e.merchant_id::text)::uuid as merchant_id
    from (select distinct stream_id from outbox) x left join events e on e.stream_id = x.stream_id
    group by x.stream_id
  )
  select 'outbox_row_without_events' as what, '${idPrefixes.payment}' || replace(x.stream_id::text, '-', '') as id,
    format('events %s to %s of merchant %s', x.from_version, x.to_version, x.merchant_id) as expected,
    format('the stream ends at %s, merchant %s', coalesce(l.version, 0), l.merchant_id) as found,
    count(*) over () as total
  from outbox x join last l on l.stream_id = x.stream_id
  where l.version is null or x.to_version > l.version or x.merchant_id <> l.merchant_id
    or (x.from_version = 0 and x.command is null) or x.from_version > x.to_version
  limit ${MAX_FAULTS}`;

const OVERLAPS = `
  select 'outbox_row_doubled' as what, '${idPrefixes.payment}' || replace(stream_id::text, '-', '') as id,
    'versions after ' || before as expected, format('%s to %s again', from_version, to_version) as found,
    count(*) over () as total
  from (
    select stream_id, from_version, to_version,
      lag(to_version) over (partition by stream_id order by position) as before
    from outbox where from_version > 0
  ) as waiting
  where from_version <= before
  limit ${MAX_FAULTS}`;

/**
 * Each version of each stream was published or waits in the outbox, and what waits is there to be published.
 * @param versions how many versions there must have been: the sum of all streams' last ones
 */
export async function checkOutbox(snapshot: Snapshot, findings: Findings, versions: bigint): Promise<void> {
  const [totals] = await snapshot.rows<{ published: bigint | null; waiting: bigint; rows: bigint }>(TOTALS);
  const published = totals?.published ?? 0n;
  const waiting = totals?.waiting ?? 0n;
  findings.compare(versions);
  if (published + waiting !== versions) {
    const found = `${published} published + ${waiting} waiting`;
    const lost = versions - published - waiting;
    if (lost > 0n) {
      const candidates = (await snapshot.rows<{ id: string }>(CANDIDATES)).map(({ id }) => id);
      const among = candidates.length === 0 ? "" : `; perhaps of ${candidates.join(", ")}`;
      findings.add("versions_lost", "outbox", versions.toString(), `${found}: ${lost} lost${among}`);
    } else findings.add("versions_doubled", "outbox", versions.toString(), `${found}: ${-lost} too many`);
  }
  await addSqlFaults(findings, snapshot, [{ text: RANGES }, { text: OVERLAPS }]);
}
