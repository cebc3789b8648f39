-- The double-entry ledger. A transfer is one row with both its sides, so debits equal credits by construction; an account's
-- posted balance is credits - debits, and available = posted - held never falls below its floor (null: no floor).

create table ledger_accounts (
  id bigint generated always as identity primary key,
  merchant_id uuid not null,
  kind text not null check (kind in ('merchant', 'provider')),
  party text not null,
  currency text not null,
  created_at timestamptz not null,
  unique (merchant_id, kind, party, currency)
);

create table ledger_balances (
  account_id bigint primary key references ledger_accounts (id),
  currency text not null,
  floor bigint,
  debits bigint not null default 0 check (debits >= 0),
  credits bigint not null default 0 check (credits >= 0),
  held bigint not null default 0 check (held >= 0),
  check (floor is null or credits - debits - held >= floor)
) with (fillfactor = 50);

create table ledger_transfers (
  id uuid primary key,
  kind text not null check (kind in ('post', 'hold', 'settle', 'release')),
  hold_id uuid check ((hold_id is not null) = (kind in ('settle', 'release'))),
  debit_account bigint not null,
  credit_account bigint not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  merchant_id uuid not null,
  payment_id uuid not null,
  occurred_at timestamptz not null,
  check (debit_account <> credit_account)
);

create table ledger_holds (
  id uuid primary key,
  account_id bigint not null,
  amount bigint not null check (amount > 0)
);

-- The journal's entries as accountants read them: two lines a transfer that moved money.
create view ledger_entries as
  select id as transfer_id, debit_account as account_id, 'DEBIT' as side, amount, currency, merchant_id, payment_id, occurred_at
  from ledger_transfers where kind in ('post', 'settle')
  union all
  select id, credit_account, 'CREDIT', amount, currency, merchant_id, payment_id, occurred_at
  from ledger_transfers where kind in ('post', 'settle');

-- Transfers that the sealer has not chained yet. A queue: rows commit with the transfer, so none is overtaken unseen.
create table ledger_unsealed (
  position bigint generated always as identity (cache 1) primary key,
  transfer_id uuid not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

create table ledger_seals (
  block bigint primary key,
  transfer_ids uuid[] not null,
  previous bytea not null,
  hash bytea not null unique,
  sealed_at timestamptz not null
);

-- Applies one transfer alone, under the locks of its accounts. Returns ok, exists, or why it is refused.
create function post_transfer(
  t_id uuid, t_kind text, t_hold uuid, t_debit bigint, t_credit bigint, t_amount bigint, t_merchant uuid, t_payment uuid,
  t_occurred timestamptz
) returns text language plpgsql as $$
declare
  known ledger_transfers%rowtype;
  t_currency text;
begin
  select * into known from ledger_transfers where id = t_id;
  if found then
    if (known.kind, known.debit_account, known.credit_account, known.amount, known.merchant_id, known.payment_id)
        is not distinct from (t_kind, t_debit, t_credit, t_amount, t_merchant, t_payment)
      and known.hold_id is not distinct from t_hold then
      return 'exists';
    end if;
    return 'exists_different';
  end if;
  select d.currency into t_currency from ledger_balances d join ledger_balances c on c.currency = d.currency
  where d.account_id = t_debit and c.account_id = t_credit;
  if not found then
    return case when (select count(*) from ledger_balances where account_id in (t_debit, t_credit)) < 2
      then 'account_not_found' else 'currency_mismatch' end;
  end if;
  if t_kind in ('settle', 'release') then
    delete from ledger_holds where id = t_hold and account_id = t_debit and amount = t_amount;
    if not found then
      return 'hold_not_open';
    end if;
    update ledger_balances set
      held = held - t_amount,
      debits = debits + case when t_kind = 'settle' then t_amount else 0 end
    where account_id = t_debit;
  else
    update ledger_balances set
      held = held + case when t_kind = 'hold' then t_amount else 0 end,
      debits = debits + case when t_kind = 'post' then t_amount else 0 end
    where account_id = t_debit and (floor is null or credits - debits - held - t_amount >= floor);
    if not found then
      return 'insufficient_funds';
    end if;
    if t_kind = 'hold' then
      insert into ledger_holds (id, account_id, amount) values (t_id, t_debit, t_amount);
    end if;
  end if;
  if t_kind in ('post', 'settle') then
    update ledger_balances set credits = credits + t_amount where account_id = t_credit;
  end if;
  insert into ledger_transfers
    (id, kind, hold_id, debit_account, credit_account, amount, currency, merchant_id, payment_id, occurred_at)
  values (t_id, t_kind, t_hold, t_debit, t_credit, t_amount, t_currency, t_merchant, t_payment, t_occurred);
  insert into ledger_unsealed (transfer_id) values (t_id);
  return 'ok';
end
$$;

-- Posts many transfers. Transfers with the same p_item stand or fall together. Returns a row for each that was not simply
-- posted: its place (1-based) and exists, exists_different, insufficient_funds, account_not_found, currency_mismatch,
-- hold_not_open, or linked (refused because another of its item was).
-- Locks the accounts in id order, so that no two callers deadlock. When the debits alone leave every account above its
-- floor, order cannot matter: one statement inserts the journal, one updates each account by its net.
create function post_transfers(
  p_item int[], p_id uuid[], p_kind text[], p_hold uuid[], p_debit bigint[], p_credit bigint[], p_amount bigint[],
  p_merchant uuid[], p_payment uuid[], p_occurred timestamptz[]
) returns table (place int, result text) language plpgsql as $$
#variable_conflict use_column
declare
  total int := coalesce(cardinality(p_id), 0);
  whole boolean;
  results text[];
  outcome text;
  refused boolean;
  first_place int;
  last_place int;
begin
  if total = 0 then
    return;
  end if;
  perform 1 from ledger_balances
  where account_id in (select unnest(p_debit) union select unnest(p_credit))
  order by account_id for update;

  select
    count(distinct t.id) = total
    and bool_and(t.kind in ('post', 'hold'))
    and bool_and(d.currency = c.currency)
    and count(d.account_id) = total and count(c.account_id) = total
  into whole
  from unnest(p_id, p_kind, p_debit, p_credit) as t (id, kind, debit, credit)
  left join ledger_balances d on d.account_id = t.debit
  left join ledger_balances c on c.account_id = t.credit;
  whole := whole
    and not exists (select 1 from ledger_transfers where id = any (p_id))
    and not exists (
      select 1 from (
        select t.debit, sum(t.amount) as amount from unnest(p_debit, p_amount) as t (debit, amount) group by t.debit
      ) as n
      join ledger_balances b on b.account_id = n.debit
      where b.floor is not null and b.credits - b.debits - b.held - n.amount < b.floor
    );

  if whole then
    insert into ledger_transfers
      (id, kind, hold_id, debit_account, credit_account, amount, currency, merchant_id, payment_id, occurred_at)
    select t.id, t.kind, null, t.debit, t.credit, t.amount, d.currency, t.merchant, t.payment, t.occurred
    from unnest(p_id, p_kind, p_debit, p_credit, p_amount, p_merchant, p_payment, p_occurred)
      as t (id, kind, debit, credit, amount, merchant, payment, occurred)
    join ledger_balances d on d.account_id = t.debit;
    insert into ledger_unsealed (transfer_id) select unnest(p_id);
    insert into ledger_holds (id, account_id, amount)
    select t.id, t.debit, t.amount from unnest(p_id, p_kind, p_debit, p_amount) as t (id, kind, debit, amount)
    where t.kind = 'hold';
    update ledger_balances b set debits = b.debits + n.debits, credits = b.credits + n.credits, held = b.held + n.held
    from (
      select m.account, sum(m.debits)::bigint as debits, sum(m.credits)::bigint as credits, sum(m.held)::bigint as held
      from (
        select t.debit as account, case when t.kind = 'post' then t.amount else 0 end as debits, 0::bigint as credits,
          case when t.kind = 'hold' then t.amount else 0 end as held
        from unnest(p_kind, p_debit, p_amount) as t (kind, debit, amount)
        union all
        select t.credit, 0, t.amount, 0 from unnest(p_kind, p_credit, p_amount) as t (kind, credit, amount)
        where t.kind = 'post'
      ) as m group by m.account
    ) as n
    where b.account_id = n.account;
    return;
  end if;

  first_place := 1;
  while first_place <= total loop
    last_place := first_place;
    while last_place < total and p_item[last_place + 1] = p_item[first_place] loop
      last_place := last_place + 1;
    end loop;
    results := '{}';
    refused := false;
    begin
      for i in first_place .. last_place loop
        outcome := post_transfer(
          p_id[i], p_kind[i], p_hold[i], p_debit[i], p_credit[i], p_amount[i], p_merchant[i], p_payment[i], p_occurred[i]
        );
        results := results || outcome;
        if outcome not in ('ok', 'exists') then
          refused := true;
          raise exception using errcode = 'KA001';
        end if;
      end loop;
    exception when sqlstate 'KA001' then
      null;
    end;
    for i in first_place .. last_place loop
      outcome := results[i - first_place + 1];
      if refused and (outcome is null or outcome in ('ok', 'exists')) then
        outcome := 'linked';
      end if;
      if outcome <> 'ok' then
        place := i;
        result := outcome;
        return next;
      end if;
    end loop;
    first_place := last_place + 1;
  end loop;
end
$$;
