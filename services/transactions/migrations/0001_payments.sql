-- Every table is a source (the truth), a projection (rebuilt from sources by `kassa replay`) or ephemeral (of use only for
-- a while). src/adapters/postgres/table-kinds.ts says which; a test compares it with what is here.

create table merchants (
  id uuid primary key,
  name text not null,
  created_at timestamptz not null
);

create table api_keys (
  id uuid primary key,
  merchant_id uuid not null references merchants (id),
  prefix text not null,
  hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- The event store. Stream ids are UUIDv7, so a range of ids is a range of time.
create table events (
  stream_id uuid not null,
  version int not null check (version > 0),
  merchant_id uuid not null,
  type text not null,
  data jsonb not null,
  metadata jsonb not null,
  occurred_at timestamptz not null,
  primary key (stream_id, version)
) partition by range (stream_id);

create table events_default partition of events default;

create function uuid_lower_bound(at timestamptz) returns uuid language sql immutable strict as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Makes the partitions of `months` months from the month of `from_at`; returns how many are new.
create function create_event_partitions(from_at timestamptz, months int) returns int language plpgsql as $$
declare
  month timestamptz;
  name text;
  made int := 0;
begin
  for i in 0 .. months - 1 loop
    month := (date_trunc('month', from_at at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    name := 'events_' || to_char(month at time zone 'UTC', 'YYYY_MM');
    if to_regclass(name) is null then
      execute format(
        'create table %I partition of events for values from (%L) to (%L)',
        name,
        uuid_lower_bound(month),
        uuid_lower_bound((month at time zone 'UTC' + interval '1 month') at time zone 'UTC')
      );
      made := made + 1;
    end if;
  end loop;
  return made;
end
$$;

select create_event_partitions(now() - interval '1 month', 5);

create table payments (
  merchant_id uuid not null,
  id uuid not null,
  version int not null,
  status text not null check (status in ('new', 'processing', 'authorized', 'completed', 'failed', 'canceled')),
  amount bigint not null check (amount > 0),
  currency text not null,
  capture text not null,
  amount_capturable bigint not null,
  amount_captured bigint not null check (amount_captured between 0 and amount),
  amount_refunded bigint not null check (amount_refunded between 0 and amount_captured),
  payment_method jsonb not null,
  provider text not null,
  reference text,
  metadata jsonb not null,
  cancel_requested boolean not null,
  last_error jsonb,
  expires_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- An id's first 48 bits are created_at in milliseconds, so this is the order of the lists as well.
  primary key (merchant_id, id)
) with (fillfactor = 85);

create index payments_by_status on payments (merchant_id, status, id);

create table refunds (
  merchant_id uuid not null,
  id uuid not null,
  payment_id uuid not null,
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  amount bigint not null check (amount > 0),
  currency text not null,
  last_error jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (merchant_id, id)
);

-- Each call that moves money. The id is stored before the call and travels in the provider's metadata; the tenant of a
-- webhook comes from here and never from its body.
create table operations (
  id uuid primary key,
  merchant_id uuid not null,
  payment_id uuid not null,
  kind text not null check (kind in ('authorize', 'capture', 'void', 'refund')),
  amount bigint not null,
  outcome text not null check (outcome in ('pending', 'unknown', 'succeeded', 'failed')),
  reason text,
  provider text not null,
  provider_reference text,
  started_at timestamptz not null,
  settled_at timestamptz
) with (fillfactor = 85);

create table payment_references (
  merchant_id uuid not null,
  reference text not null,
  payment_id uuid not null,
  claim uuid not null,
  primary key (merchant_id, reference)
);

create table idempotency_keys (
  merchant_id uuid not null,
  route text not null,
  key text not null,
  claim uuid not null,
  fingerprint bytea not null,
  status int not null,
  answer text not null,
  created_at timestamptz not null,
  primary key (merchant_id, route, key)
);

create index idempotency_keys_by_age on idempotency_keys using brin (created_at);

create table inbox (
  consumer text not null,
  message_id text not null,
  claim uuid not null,
  received_at timestamptz not null,
  primary key (consumer, message_id)
);

create index inbox_by_age on inbox using brin (received_at);

-- One row a commit of a stream: its new versions, and perhaps a command. Deleted once published; a queue, so vacuum is eager.
create table outbox (
  position bigint generated always as identity (cache 1) primary key,
  merchant_id uuid not null,
  stream_id uuid not null,
  from_version int not null,
  to_version int not null,
  command text,
  traceparent text,
  created_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

-- What was published since ever: with what waits in the outbox it must add up to the events (`kassa prove`).
create table outbox_progress (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null default 0,
  versions_published bigint not null default 0
);

insert into outbox_progress default values;

create table timers (
  merchant_id uuid not null,
  payment_id uuid not null,
  kind text not null check (kind in ('resolve', 'expire')),
  due_at timestamptz not null,
  attempt int not null,
  primary key (payment_id, kind)
);

create index timers_by_due on timers (due_at);

create table parked_webhooks (
  provider text not null,
  webhook_id text not null,
  operation_id uuid not null,
  outcome jsonb not null,
  received_at timestamptz not null,
  primary key (provider, webhook_id)
);
