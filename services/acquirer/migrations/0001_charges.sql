-- What is remembered of a card: never its number or CVC.
create table tokens (
  token text primary key,
  brand text not null,
  bin text not null check (bin ~ '^[0-9]{6}$'),
  last4 text not null check (last4 ~ '^[0-9]{4}$'),
  exp_month smallint not null check (exp_month between 1 and 12),
  exp_year smallint not null,
  country text not null,
  behaviour text not null,
  created_at timestamptz not null
);

create table charges (
  id text primary key,
  status text not null check (status in ('pending', 'authorized', 'captured', 'declined', 'voided')),
  amount bigint not null check (amount > 0),
  amount_captured bigint not null check (amount_captured between 0 and amount),
  amount_refunded bigint not null check (amount_refunded between 0 and amount_captured),
  currency text not null,
  behaviour text not null,
  captures_at_once boolean not null,
  operation_id text not null,
  decline_code text,
  decline_reason text,
  created_at timestamptz not null
) with (fillfactor = 90);

create table refunds (
  id text primary key,
  charge_id text not null,
  operation_id text not null,
  amount bigint not null check (amount > 0),
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  failure_code text,
  created_at timestamptz not null
);

-- One row for each idempotency key, with the answer it got.
create table operations (
  key text primary key,
  fingerprint text not null,
  operation_id text not null,
  kind text not null check (kind in ('authorize', 'capture', 'void', 'refund')),
  result text not null check (result in ('pending', 'succeeded', 'failed')),
  charge_id text not null,
  subject_id text not null,
  amount bigint not null,
  currency text not null,
  code text,
  decline_code text,
  answer_ok boolean not null,
  answer text not null,
  visible_at timestamptz,
  created_at timestamptz not null
);

-- Not unique: a merchant that sends one operation under two keys is charged twice, as by any provider.
create index operations_operation_id on operations (operation_id);

-- Operations answered with `pending`, and when they end.
create table completions (
  key text primary key,
  charge_id text not null,
  due_at timestamptz not null
);

create index completions_due on completions (due_at);

-- The last position of the settlement report. A transaction that adds lines holds this row until its commit, so positions
-- become visible in their order and none is missing: a cursor skips nothing.
create table settlement_head (
  only_row boolean primary key default true check (only_row),
  position bigint not null
);

insert into settlement_head (position) values (0);

create table settlement (
  position bigint primary key,
  kind text not null check (kind in ('capture', 'refund')),
  charge_id text not null,
  operation_id text not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  created_at timestamptz not null
);

-- Webhooks not delivered yet. A delivery pushes due_at beyond its lease; rows that gave up stay for people to look at.
create table webhooks (
  id text not null,
  copy smallint not null,
  due_at timestamptz not null,
  attempts integer not null default 0,
  body text not null,
  last_error text,
  gave_up_at timestamptz,
  primary key (id, copy)
);

create index webhooks_due on webhooks (due_at) where gave_up_at is null;

alter table webhooks set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
