import { Findings } from "../findings.ts";
import { type Check, MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import { addSqlFaults } from "../sql-fault.ts";

const COUNT = "select (select count(*) from ledger_transfers) + (select count(*) from ledger_balances) as count";

// What the journal says of each account, beside what its balance row says.
const BALANCES = `
  with moved as (
    select account_id, sum(debits)::numeric as debits, sum(credits)::numeric as credits, sum(held)::numeric as held
    from (
      select debit_account as account_id, case when kind in ('post', 'settle') then amount else 0 end as debits,
        0 as credits, case kind when 'hold' then amount when 'post' then 0 else -amount end as held
      from ledger_transfers
      union all
      select credit_account, 0, amount, 0 from ledger_transfers where kind in ('post', 'settle')
    ) as sides group by account_id
  )
  select 'balance_differs' as what, 'account ' || coalesce(m.account_id, b.account_id) as id,
    format('debits %s, credits %s, held %s', coalesce(m.debits, 0), coalesce(m.credits, 0), coalesce(m.held, 0))
      as expected,
    case when b.account_id is null then 'no balance'
      else format('debits %s, credits %s, held %s', b.debits, b.credits, b.held) end as found,
    count(*) over () as total
  from moved m full join ledger_balances b on b.account_id = m.account_id
  where b.account_id is null
    or (b.debits, b.credits, b.held) <> (coalesce(m.debits, 0), coalesce(m.credits, 0), coalesce(m.held, 0))
  order by 2 limit ${MAX_FAULTS}`;

const ACCOUNTS = `
  select 'account_differs' as what, 'account ' || coalesce(a.id, b.account_id) as id,
    coalesce(a.currency || ', floor ' || coalesce((case when a.kind = 'merchant' then 0 end)::text, 'none'), 'no account')
      as expected,
    coalesce(b.currency || ', floor ' || coalesce(b.floor::text, 'none'), 'no balance') as found,
    count(*) over () as total
  from ledger_accounts a full join ledger_balances b on b.account_id = a.id
  where a.id is null or b.account_id is null or a.currency <> b.currency
    or b.floor is distinct from (case when a.kind = 'merchant' then 0 end)
  order by 2 limit ${MAX_FAULTS}`;

const FLOORS = `
  select 'below_floor' as what, 'account ' || account_id as id, 'at least ' || floor || ' ' || currency as expected,
    (credits - debits - held) || ' ' || currency as found, count(*) over () as total
  from ledger_balances where floor is not null and credits - debits - held < floor
  order by 2 limit ${MAX_FAULTS}`;

const HOLDS = `
  with open as (
    select h.id, h.debit_account as account_id, h.amount from ledger_transfers h
    where h.kind = 'hold' and not exists (
      select 1 from ledger_transfers e where e.kind in ('settle', 'release') and e.hold_id = h.id
    )
  )
  select 'hold_differs' as what, coalesce(o.id, h.id)::text as id,
    case when o.id is null then 'no open hold' else o.amount || ' on account ' || o.account_id end as expected,
    case when h.id is null then 'no open hold' else h.amount || ' on account ' || h.account_id end as found,
    count(*) over () as total
  from open o full join ledger_holds h on h.id = o.id
  where o.id is null or h.id is null or (o.account_id, o.amount) <> (h.account_id, h.amount)
  order by 2 limit ${MAX_FAULTS}`;

const ENDED_HOLDS = `
  select 'hold_ended_wrongly' as what, e.hold_id::text as id,
    'one settle or release of ' || coalesce(min(h.amount)::text, 'an existing hold') as expected,
    string_agg(e.kind || ' of ' || e.amount, ', ') as found, count(*) over () as total
  from ledger_transfers e left join ledger_transfers h on h.id = e.hold_id and h.kind = 'hold'
  where e.kind in ('settle', 'release')
  group by e.hold_id
  having count(*) > 1 or min(h.amount) is distinct from min(e.amount) or min(h.debit_account) is distinct from min(e.debit_account)
  order by 2 limit ${MAX_FAULTS}`;

const SIDES = `
  select 'currency_differs' as what, t.id::text, t.currency as expected,
    format('%s to %s', coalesce(d.currency, 'no account'), coalesce(c.currency, 'no account')) as found,
    count(*) over () as total
  from ledger_transfers t
  left join ledger_accounts d on d.id = t.debit_account
  left join ledger_accounts c on c.id = t.credit_account
  where d.currency is distinct from t.currency or c.currency is distinct from t.currency
  order by 2 limit ${MAX_FAULTS}`;

const CURRENCIES = `
  select 'debits_differ_from_credits' as what, currency as id, 'debits ' || sum(debits) as expected,
    'credits ' || sum(credits) as found, count(*) over () as total
  from ledger_balances group by currency having sum(debits) <> sum(credits)`;

/**
 * Every balance is what the journal says: debits, credits and held. The open holds are those that nothing settled or
 * released. Debits equal credits in each currency, and nothing available is below its floor.
 */
export async function checkLedger(snapshot: Snapshot): Promise<Check> {
  const findings = new Findings("ledger");
  const [counted] = await snapshot.rows<{ count: bigint }>(COUNT);
  findings.compare(counted?.count ?? 0n);
  const statements = [BALANCES, ACCOUNTS, FLOORS, HOLDS, ENDED_HOLDS, SIDES, CURRENCIES];
  await addSqlFaults(
    findings,
    snapshot,
    statements.map((text) => ({ text })),
  );
  return findings.check();
}
