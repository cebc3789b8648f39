import { idPrefixes } from "@kassa/kernel/id";
import { Findings } from "../findings.ts";
import { type Check, MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import { addSqlFaults } from "../sql-fault.ts";

const COUNT = "select (select count(*) from payment_references) + (select count(*) from idempotency_keys) as count";

const REFERENCES = `
  select 'reference_differs' as what, '${idPrefixes.payment}' || replace(r.payment_id::text, '-', '') as id,
    'reference ' || r.reference as expected,
    case when p.id is null then 'no such payment' else 'reference ' || coalesce(p.reference, 'none') end as found,
    count(*) over () as total
  from payment_references r
  left join payments p on (p.merchant_id, p.id) = (r.merchant_id, r.payment_id)
  where p.id is null or p.reference is distinct from r.reference
  limit ${MAX_FAULTS}`;

// What a caller was told is a promise: the payment or refund must be there.
const ANSWERED = `
  select 'answered_but_missing' as what, a.id, format('what %s answered under key %s', a.route, a.key) as expected,
    'not there' as found, count(*) over () as total
  from (
    select k.merchant_id, k.route, k.key, i.id, substr(i.id, strpos(i.id, '_') + 1)::uuid as row_id
    from (
      select merchant_id, route, key, case when left(answer, 1) = '{' then answer::json end as body
      from idempotency_keys where status between 200 and 299
      offset 0
    ) as k
    cross join lateral (
      select k.body ->> 'id' as id
      union all
      select r.result #>> '{payment,id}'
      from json_array_elements(case when json_typeof(k.body -> 'results') = 'array' then k.body -> 'results' end) as r (result)
    ) as i
    where i.id ~ '^(${idPrefixes.payment}|${idPrefixes.refund})[0-9a-f]{32}$'
  ) as a
  left join payments p on (p.merchant_id, p.id) = (a.merchant_id, a.row_id)
  left join refunds r on (r.merchant_id, r.id) = (a.merchant_id, a.row_id)
  where case when starts_with(a.id, '${idPrefixes.payment}') then p.id else r.id end is null
  limit ${MAX_FAULTS}`;

/** Every unique reference points to a payment that carries it, and every payment and refund that an answer named is there. */
export async function checkReferences(snapshot: Snapshot): Promise<Check> {
  const findings = new Findings("references");
  const [counted] = await snapshot.rows<{ count: bigint }>(COUNT);
  findings.compare(counted?.count ?? 0n);
  await addSqlFaults(findings, snapshot, [{ text: REFERENCES }, { text: ANSWERED }]);
  return findings.check();
}
