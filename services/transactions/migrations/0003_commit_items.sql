-- Writes many items in one transaction. An item is all that one command leaves behind: its claims (idempotency key, inbox
-- message, unique reference), events, projection rows, postings, outbox row and timers. It is written whole or not at all.
-- Returns a row for each item that was not written:
--   duplicate   the idempotency key was claimed before: fingerprint, status and answer of the first
--   received    the inbox has this message already
--   taken       the reference belongs to another payment
--   conflict    a stream is not at the expected version: load it again
--   refused     a posting was refused; `answer` says why
--   again       the item that won the claim in this very batch was not written: submit this one again
-- Everything is touched in the order claims, events, accounts, timers, and within each by key, so batches of several pods cannot
-- deadlock; a payment's row is touched by nobody but the holder of its next event.
create function commit_items(
  p_now timestamptz,
  -- idempotency keys
  k_item int[], k_merchant uuid[], k_route text[], k_key text[], k_claim uuid[], k_fingerprint bytea[], k_status int[],
  k_answer text[],
  -- inbox
  n_item int[], n_consumer text[], n_message text[], n_claim uuid[],
  -- unique references
  r_item int[], r_merchant uuid[], r_reference text[], r_payment uuid[], r_claim uuid[],
  -- payments: the projection rows, and with `expected` the gate of their streams
  s_item int[], s_merchant uuid[], s_id uuid[], s_expected int[], s_version int[], s_status text[], s_amount bigint[],
  s_currency text[], s_capture text[], s_capturable bigint[], s_captured bigint[], s_refunded bigint[], s_method jsonb[],
  s_provider text[], s_reference text[], s_metadata jsonb[], s_cancel boolean[], s_error jsonb[], s_expires timestamptz[],
  s_created timestamptz[], s_updated timestamptz[],
  -- events
  e_item int[], e_stream uuid[], e_version int[], e_merchant uuid[], e_type text[], e_data jsonb[], e_metadata jsonb[],
  e_occurred timestamptz[],
  -- operations
  o_item int[], o_id uuid[], o_merchant uuid[], o_payment uuid[], o_kind text[], o_amount bigint[], o_outcome text[],
  o_reason text[], o_provider text[], o_reference text[], o_started timestamptz[], o_settled timestamptz[],
  -- refunds
  f_item int[], f_rows jsonb[],
  -- transfers
  t_item int[], t_id uuid[], t_kind text[], t_hold uuid[], t_debit bigint[], t_credit bigint[], t_amount bigint[],
  t_merchant uuid[], t_payment uuid[], t_occurred timestamptz[],
  -- outbox
  x_item int[], x_merchant uuid[], x_stream uuid[], x_from int[], x_to int[], x_command text[], x_trace text[],
  -- timers: a null due time removes
  m_item int[], m_merchant uuid[], m_payment uuid[], m_kind text[], m_due timestamptz[], m_attempt int[]
) returns table (item int, outcome text, fingerprint bytea, status int, answer text) language plpgsql as $$
#variable_conflict use_column
declare
  dead int[] := '{}';
  undone int[] := '{}';
  received int[] := '{}';
  taken int[] := '{}';
  taken_reference text[] := '{}';
  taken_by uuid[] := '{}';
  written bigint;
begin
  if cardinality(k_item) > 0 then
    insert into idempotency_keys (merchant_id, route, key, claim, fingerprint, status, answer, created_at)
    select k.merchant, k.route, k.key, k.claim, k.fingerprint, k.status, k.answer, p_now
    from unnest(k_item, k_merchant, k_route, k_key, k_claim, k_fingerprint, k_status, k_answer)
      as k (item, merchant, route, key, claim, fingerprint, status, answer)
    order by k.merchant, k.route, k.key, k.item
    on conflict do nothing;
    get diagnostics written = row_count;
    if written < cardinality(k_item) then
      select coalesce(array_agg(k.item), '{}') into dead
      from unnest(k_item, k_merchant, k_route, k_key, k_claim) as k (item, merchant, route, key, claim)
      join idempotency_keys i on (i.merchant_id, i.route, i.key) = (k.merchant, k.route, k.key)
      where i.claim <> k.claim;
    end if;
  end if;

  if cardinality(n_item) > 0 then
    insert into inbox (consumer, message_id, claim, received_at)
    select n.consumer, n.message, n.claim, p_now
    from unnest(n_item, n_consumer, n_message, n_claim) as n (item, consumer, message, claim)
    where n.item <> all (dead)
    order by n.consumer, n.message, n.item
    on conflict do nothing;
    get diagnostics written = row_count;
    if written < cardinality(n_item) then
      received := array(
        select n.item from unnest(n_item, n_consumer, n_message, n_claim) as n (item, consumer, message, claim)
        join inbox i on (i.consumer, i.message_id) = (n.consumer, n.message)
        where i.claim <> n.claim and n.item <> all (dead)
      );
      undone := undone || received;
      dead := dead || received;
    end if;
  end if;

  if cardinality(r_item) > 0 then
    insert into payment_references (merchant_id, reference, payment_id, claim)
    select r.merchant, r.reference, r.payment, r.claim
    from unnest(r_item, r_merchant, r_reference, r_payment, r_claim) as r (item, merchant, reference, payment, claim)
    where r.item <> all (dead)
    order by r.merchant, r.reference, r.item
    on conflict do nothing;
    get diagnostics written = row_count;
    if written < cardinality(r_item) then
      select coalesce(array_agg(r.item), '{}'), coalesce(array_agg(r.reference), '{}'), coalesce(array_agg(p.claim), '{}')
      into taken, taken_reference, taken_by
      from unnest(r_item, r_merchant, r_reference, r_claim) as r (item, merchant, reference, claim)
      join payment_references p on (p.merchant_id, p.reference) = (r.merchant, r.reference)
      where p.claim <> r.claim and r.item <> all (dead);
      undone := undone || taken;
      dead := dead || taken;
    end if;
  end if;

  -- The primary key of the events is the gate of the streams: whoever holds (stream, version + 1) may write that payment's row.
  if cardinality(e_item) > 0 then
    declare
      conflicts int[];
    begin
      loop
        begin
          insert into events (stream_id, version, merchant_id, type, data, metadata, occurred_at)
          select e.stream, e.version, e.merchant, e.type, e.data, e.metadata, e.occurred
          from unnest(e_item, e_stream, e_version, e_merchant, e_type, e_data, e_metadata, e_occurred)
            as e (item, stream, version, merchant, type, data, metadata, occurred)
          where e.item <> all (dead)
          order by e.stream, e.version;
          exit;
        exception when unique_violation then
          select array_agg(distinct s.item) into conflicts
          from unnest(s_item, s_id, s_expected) as s (item, id, expected)
          where s.item <> all (dead)
            and exists (select 1 from events e where e.stream_id = s.id and e.version = s.expected + 1);
          if conflicts is null then
            raise;
          end if;
          return query select c, 'conflict', null::bytea, null::int, null::text from unnest(conflicts) as c;
          undone := undone || conflicts;
          dead := dead || conflicts;
        end;
      end loop;
    end;
  end if;

  if cardinality(t_item) > 0 then
    declare
      refusals int[];
      reasons text[];
    begin
      select coalesce(array_agg(live.items[p.place]), '{}'), coalesce(array_agg(p.result), '{}') into refusals, reasons
      from (
        select
          array_agg(t.item order by t.at) as items, array_agg(t.id order by t.at) as ids,
          array_agg(t.kind order by t.at) as kinds, array_agg(t.hold order by t.at) as holds,
          array_agg(t.debit order by t.at) as debits, array_agg(t.credit order by t.at) as credits,
          array_agg(t.amount order by t.at) as amounts, array_agg(t.merchant order by t.at) as merchants,
          array_agg(t.payment order by t.at) as payments, array_agg(t.occurred order by t.at) as instants
        from unnest(t_item, t_id, t_kind, t_hold, t_debit, t_credit, t_amount, t_merchant, t_payment, t_occurred)
          with ordinality as t (item, id, kind, hold, debit, credit, amount, merchant, payment, occurred, at)
        where t.item <> all (dead)
      ) as live,
      lateral post_transfers(
        live.items, live.ids, live.kinds, live.holds, live.debits, live.credits, live.amounts, live.merchants,
        live.payments, live.instants
      ) as p
      where p.result not in ('exists', 'linked');
      if cardinality(refusals) > 0 then
        return query select r.item, 'refused', null::bytea, null::int, r.why from unnest(refusals, reasons) as r (item, why);
        undone := undone || refusals;
        dead := dead || refusals;
        delete from events e using unnest(e_item, e_stream, e_version) as w (item, stream, version)
        where e.stream_id = w.stream and e.version = w.version and w.item = any (refusals);
      end if;
    end;
  end if;

  if cardinality(undone) > 0 then
    delete from idempotency_keys i using unnest(k_item, k_merchant, k_route, k_key, k_claim) as k (item, merchant, route, key, claim)
    where (i.merchant_id, i.route, i.key, i.claim) = (k.merchant, k.route, k.key, k.claim) and k.item = any (undone);
    delete from inbox i using unnest(n_item, n_consumer, n_message, n_claim) as n (item, consumer, message, claim)
    where (i.consumer, i.message_id, i.claim) = (n.consumer, n.message, n.claim) and n.item = any (undone);
    delete from payment_references p using unnest(r_item, r_merchant, r_reference, r_claim) as r (item, merchant, reference, claim)
    where (p.merchant_id, p.reference, p.claim) = (r.merchant, r.reference, r.claim) and r.item = any (undone);
  end if;

  -- What lost a claim lost it for good only if the winner was written.
  if cardinality(received) > 0 then
    return query
      select n.item, case when i.claim is null then 'again' else 'received' end, null::bytea, null::int, null::text
      from unnest(n_item, n_consumer, n_message) as n (item, consumer, message)
      left join inbox i on (i.consumer, i.message_id) = (n.consumer, n.message)
      where n.item = any (received);
  end if;
  if cardinality(taken) > 0 then
    return query
      select distinct on (t.item)
        t.item, case when w.item <> t.item and w.item = any (undone) then 'again' else 'taken' end, null::bytea, null::int, t.reference
      from unnest(taken, taken_reference, taken_by) as t (item, reference, claim)
      left join unnest(r_item, r_claim) as w (item, claim) on w.claim = t.claim
      order by t.item, t.reference;
  end if;
  if cardinality(k_item) > 0 and cardinality(dead) > 0 then
    return query
      select k.item, case when i.claim is null then 'again' else 'duplicate' end, i.fingerprint, i.status, i.answer
      from unnest(k_item, k_merchant, k_route, k_key) as k (item, merchant, route, key)
      left join idempotency_keys i on (i.merchant_id, i.route, i.key) = (k.merchant, k.route, k.key)
      where k.item = any (dead) and k.item <> all (undone);
  end if;

  insert into payments
    (merchant_id, id, version, status, amount, currency, capture, amount_capturable, amount_captured, amount_refunded,
     payment_method, provider, reference, metadata, cancel_requested, last_error, expires_at, created_at, updated_at)
  select s.merchant, s.id, s.version, s.status, s.amount, s.currency, s.capture, s.capturable, s.captured, s.refunded,
    s.method, s.provider, s.reference, s.metadata, s.cancel, s.error, s.expires, s.created, s.updated
  from unnest(s_item, s_merchant, s_id, s_expected, s_version, s_status, s_amount, s_currency, s_capture, s_capturable,
      s_captured, s_refunded, s_method, s_provider, s_reference, s_metadata, s_cancel, s_error, s_expires, s_created, s_updated)
    as s (item, merchant, id, expected, version, status, amount, currency, capture, capturable, captured, refunded, method,
      provider, reference, metadata, cancel, error, expires, created, updated)
  where s.expected = 0 and s.item <> all (dead);

  update payments p set
    version = s.version, status = s.status, amount_capturable = s.capturable, amount_captured = s.captured,
    amount_refunded = s.refunded, cancel_requested = s.cancel, last_error = s.error, expires_at = s.expires,
    updated_at = s.updated
  from unnest(s_item, s_merchant, s_id, s_expected, s_version, s_status, s_capturable, s_captured, s_refunded, s_cancel,
      s_error, s_expires, s_updated)
    as s (item, merchant, id, expected, version, status, capturable, captured, refunded, cancel, error, expires, updated)
  where p.merchant_id = s.merchant and p.id = s.id and p.version = s.expected and s.expected > 0 and s.item <> all (dead);
  get diagnostics written = row_count;
  if written <> (
    select count(*) from unnest(s_item, s_expected) as s (item, expected) where s.expected > 0 and s.item <> all (dead)
  ) then
    raise exception 'a row of payments is not at the version of its events; run kassa prove';
  end if;

  if cardinality(o_item) > 0 then
    insert into operations
      (id, merchant_id, payment_id, kind, amount, outcome, reason, provider, provider_reference, started_at, settled_at)
    select o.id, o.merchant, o.payment, o.kind, o.amount, o.outcome, o.reason, o.provider, o.reference, o.started, o.settled
    from unnest(o_item, o_id, o_merchant, o_payment, o_kind, o_amount, o_outcome, o_reason, o_provider, o_reference,
        o_started, o_settled)
      as o (item, id, merchant, payment, kind, amount, outcome, reason, provider, reference, started, settled)
    where o.item <> all (dead)
    on conflict (id) do update set
      outcome = excluded.outcome, reason = excluded.reason, provider_reference = excluded.provider_reference,
      settled_at = excluded.settled_at;
  end if;

  if cardinality(f_item) > 0 then
    insert into refunds (merchant_id, id, payment_id, status, amount, currency, last_error, created_at, updated_at)
    select r.merchant_id, r.id, r.payment_id, r.status, r.amount, r.currency, r.last_error, r.created_at, r.updated_at
    from unnest(f_item, f_rows) as f (item, body), lateral jsonb_populate_record(null::refunds, f.body) as r
    where f.item <> all (dead)
    on conflict (merchant_id, id) do update set
      status = excluded.status, last_error = excluded.last_error, updated_at = excluded.updated_at;
  end if;

  if cardinality(x_item) > 0 then
    insert into outbox (merchant_id, stream_id, from_version, to_version, command, traceparent, created_at)
    select x.merchant, x.stream, x.first, x.last, x.command, x.trace, p_now
    from unnest(x_item, x_merchant, x_stream, x_from, x_to, x_command, x_trace)
      as x (item, merchant, stream, first, last, command, trace)
    where x.item <> all (dead);
  end if;

  if cardinality(m_item) > 0 then
    perform 1 from timers t
    where (t.payment_id, t.kind) in (select m.payment, m.kind from unnest(m_payment, m_kind) as m (payment, kind))
    order by t.payment_id, t.kind for update;
    delete from timers t using unnest(m_item, m_payment, m_kind, m_due) as m (item, payment, kind, due)
    where t.payment_id = m.payment and t.kind = m.kind and m.due is null and m.item <> all (dead);
    insert into timers (merchant_id, payment_id, kind, due_at, attempt)
    select m.merchant, m.payment, m.kind, m.due, m.attempt
    from unnest(m_item, m_merchant, m_payment, m_kind, m_due, m_attempt) as m (item, merchant, payment, kind, due, attempt)
    where m.due is not null and m.item <> all (dead)
    order by m.payment, m.kind
    on conflict (payment_id, kind) do update set due_at = excluded.due_at, attempt = excluded.attempt;
  end if;
end
$$;
