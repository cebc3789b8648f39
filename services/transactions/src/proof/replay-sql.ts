import type { ProjectedTable } from "./projected-tables.ts";

/** Every projection, as src/adapters/postgres/table-kinds.ts declares them (a test compares the two). */
export const replayedTables = ["payments", "refunds", "operations", "ledger_balances", "ledger_holds"] as const;

export type ReplayedTable = (typeof replayedTables)[number];

// Inside the transaction that is undone at the end, nobody else ever sees the schema.
export const PREPARE_SCHEMA = `
  create schema kassa_replay;
  create unlogged table kassa_replay.payments (like public.payments including all);
  create unlogged table kassa_replay.refunds (like public.refunds including all);
  create unlogged table kassa_replay.operations (like public.operations including all);
  create unlogged table kassa_replay.ledger_balances (like public.ledger_balances including all);
  create unlogged table kassa_replay.ledger_holds (like public.ledger_holds including all);
  -- Summed over all rows it needs no order and no memory, and is the same on every machine and version.
  create function kassa_replay.digest(line text) returns bigint language sql immutable
    return ('x' || left(md5(line), 15))::bit(60)::bigint;`;

/** One page of rows, in the columns of `projectionValues`. */
export const FILL_TABLE = {
  payments: `
    insert into kassa_replay.payments
      (merchant_id, id, version, status, amount, currency, capture, amount_capturable, amount_captured, amount_refunded,
       payment_method, provider, reference, metadata, cancel_requested, last_error, expires_at, created_at, updated_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::bigint[], $6::text[], $7::text[],
      $8::bigint[], $9::bigint[], $10::bigint[], $11::jsonb[], $12::text[], $13::text[], $14::jsonb[], $15::boolean[],
      $16::jsonb[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[])`,
  operations: `
    insert into kassa_replay.operations
      (id, merchant_id, payment_id, kind, amount, outcome, reason, provider, provider_reference, started_at, settled_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::timestamptz[], $11::timestamptz[])`,
  refunds: `
    insert into kassa_replay.refunds
      (merchant_id, id, payment_id, status, amount, currency, last_error, created_at, updated_at)
    select r.merchant_id, r.id, r.payment_id, r.status, r.amount, r.currency, r.last_error, r.created_at, r.updated_at
    from unnest($1::jsonb[]) as f (body), lateral jsonb_populate_record(null::kassa_replay.refunds, f.body) as r`,
} as const satisfies Record<ProjectedTable, string>;

/** Balances and open holds are what the journal says; an account's floor follows from its kind. */
export const FILL_LEDGER = `
  insert into kassa_replay.ledger_balances (account_id, currency, floor, debits, credits, held)
  select a.id, a.currency, case when a.kind = 'merchant' then 0 end, coalesce(m.debits, 0), coalesce(m.credits, 0),
    coalesce(m.held, 0)
  from public.ledger_accounts a left join (
    select account_id, sum(debits) as debits, sum(credits) as credits, sum(held) as held
    from (
      select debit_account as account_id, case when kind in ('post', 'settle') then amount else 0 end as debits,
        0 as credits, case kind when 'hold' then amount when 'post' then 0 else -amount end as held
      from public.ledger_transfers
      union all
      select credit_account, 0, amount, 0 from public.ledger_transfers where kind in ('post', 'settle')
    ) as sides group by account_id
  ) as m on m.account_id = a.id;
  insert into kassa_replay.ledger_holds (id, account_id, amount)
  select h.id, h.debit_account, h.amount from public.ledger_transfers h
  where h.kind = 'hold' and not exists (
    select 1 from public.ledger_transfers e where e.kind in ('settle', 'release') and e.hold_id = h.id
  );`;

export const COMPARE_TABLES = {
  payments: `
    select coalesce(l.id, r.id)::text as key, l::text as live, r::text as rebuilt, count(*) over () as total
    from public.payments l full join kassa_replay.payments r on (r.merchant_id, r.id) = (l.merchant_id, l.id)
    where l::text is distinct from r::text order by 1 limit 20`,
  refunds: `
    select coalesce(l.id, r.id)::text as key, l::text as live, r::text as rebuilt, count(*) over () as total
    from public.refunds l full join kassa_replay.refunds r on (r.merchant_id, r.id) = (l.merchant_id, l.id)
    where l::text is distinct from r::text order by 1 limit 20`,
  operations: `
    select coalesce(l.id, r.id)::text as key, l::text as live, r::text as rebuilt, count(*) over () as total
    from public.operations l full join kassa_replay.operations r on r.id = l.id
    where l::text is distinct from r::text order by 1 limit 20`,
  ledger_balances: `
    select coalesce(l.account_id, r.account_id)::text as key, l::text as live, r::text as rebuilt, count(*) over () as total
    from public.ledger_balances l full join kassa_replay.ledger_balances r on r.account_id = l.account_id
    where l::text is distinct from r::text order by 1 limit 20`,
  ledger_holds: `
    select coalesce(l.id, r.id)::text as key, l::text as live, r::text as rebuilt, count(*) over () as total
    from public.ledger_holds l full join kassa_replay.ledger_holds r on r.id = l.id
    where l::text is distinct from r::text order by 1 limit 20`,
} as const satisfies Record<ReplayedTable, string>;

export const DIGESTS = `
  select 'payments' as name, 'live' as side, count(*) as rows, sum(kassa_replay.digest(t::text))::text as digest
  from public.payments t
  union all select 'payments', 'rebuilt', count(*), sum(kassa_replay.digest(t::text))::text from kassa_replay.payments t
  union all select 'refunds', 'live', count(*), sum(kassa_replay.digest(t::text))::text from public.refunds t
  union all select 'refunds', 'rebuilt', count(*), sum(kassa_replay.digest(t::text))::text from kassa_replay.refunds t
  union all select 'operations', 'live', count(*), sum(kassa_replay.digest(t::text))::text from public.operations t
  union all select 'operations', 'rebuilt', count(*), sum(kassa_replay.digest(t::text))::text
  from kassa_replay.operations t
  union all select 'ledger_balances', 'live', count(*), sum(kassa_replay.digest(t::text))::text
  from public.ledger_balances t
  union all select 'ledger_balances', 'rebuilt', count(*), sum(kassa_replay.digest(t::text))::text
  from kassa_replay.ledger_balances t
  union all select 'ledger_holds', 'live', count(*), sum(kassa_replay.digest(t::text))::text from public.ledger_holds t
  union all select 'ledger_holds', 'rebuilt', count(*), sum(kassa_replay.digest(t::text))::text
  from kassa_replay.ledger_holds t`;

/** Without waiting: whoever holds these is the product. */
export const LOCK_TABLES = `
  lock table events, ledger_transfers, payments, refunds, operations, ledger_balances, ledger_holds
  in access exclusive mode nowait`;

export const REPLACE_TABLES = `
  truncate public.payments, public.refunds, public.operations, public.ledger_balances, public.ledger_holds;
  insert into public.payments select * from kassa_replay.payments;
  insert into public.refunds select * from kassa_replay.refunds;
  insert into public.operations select * from kassa_replay.operations;
  insert into public.ledger_balances select * from kassa_replay.ledger_balances;
  insert into public.ledger_holds select * from kassa_replay.ledger_holds;
  drop schema kassa_replay cascade;`;
