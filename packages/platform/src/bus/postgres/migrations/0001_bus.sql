-- The log of messages and who reads it how far. Everything here is either source (topics, partitions, log, publishers)
-- or ephemeral (members, leases); nothing is a projection.

create table bus.topics (
  name text primary key,
  partitions int not null check (partitions between 1 and 1000)
);

-- `head` is the offset the next message gets. Whoever appends holds this row's lock until commit: offsets have no gaps
-- and commit in their order, so a reader that has seen an offset has seen all before it.
create table bus.partitions (
  id int generated always as identity primary key,
  topic text not null references bus.topics,
  partition int not null,
  head bigint not null default 0,
  unique (topic, partition)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- Below `low` everything has been deleted. Apart from `head`, so that retention never waits for a publisher.
create table bus.lows (
  partition_id int primary key references bus.partitions,
  low bigint not null
) with (fillfactor = 50);

create table bus.log (
  partition_id int not null,
  "offset" bigint not null,
  key text not null,
  value text not null,
  headers text,
  appended_at timestamptz not null default now(),
  primary key (partition_id, "offset")
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);

create table bus.publishers (
  name text primary key,
  epoch bigint not null
);

create table bus.members (
  group_name text not null,
  member_id text not null,
  topics text[] not null,
  expires_at timestamptz not null,
  primary key (group_name, member_id)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- `committed` is the offset the group reads next. `epoch` grows with each change of owner and fences the one before.
create table bus.leases (
  group_name text not null,
  partition_id int not null references bus.partitions,
  member_id text,
  epoch bigint not null default 0,
  committed bigint not null default 0,
  primary key (group_name, partition_id)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- Appends messages, given as parallel arrays; `ranks` counts from 0 within each partition, `ids` and `counts` tell how
-- many each partition gets. A null publisher is not fenced. Raises KB001 when a newer publisher exists.
create function bus.publish(
  publisher text, publisher_epoch bigint, ids int[], counts int[],
  slots int[], ranks int[], keys text[], "values" text[], headers text[]
) returns void language plpgsql volatile as $$
begin
  if publisher is not null then
    -- Shared with the publishes under way, exclusive for bus.acquire_publisher: an older one either commits before the
    -- newer exists or fails.
    perform pg_advisory_xact_lock_shared(hashtextextended('bus.publisher:' || publisher, 0));
    perform 1 from bus.publishers p where p.name = publisher and p.epoch = publisher_epoch;
    if not found then
      raise exception 'publisher % is fenced', publisher using errcode = 'KB001';
    end if;
  end if;
  -- In the order of ids, so that publishers cannot deadlock.
  perform 1 from bus.partitions p where p.id = any (ids) order by p.id for no key update;
  with moved as (
    update bus.partitions p set head = p.head + c.n
    from unnest(ids, counts) as c (id, n)
    where p.id = c.id
    returning p.id, p.head - c.n as first_offset
  )
  insert into bus.log (partition_id, "offset", key, value, headers)
  select m.id, moved.first_offset + m.rank, m.key, m.value, m.headers
  from unnest(slots, ranks, keys, "values", headers) as m (id, rank, key, value, headers)
  join moved on moved.id = m.id;
end
$$;

create function bus.acquire_publisher(publisher text) returns bigint language plpgsql volatile as $$
declare
  acquired bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('bus.publisher:' || publisher, 0));
  insert into bus.publishers as p (name, epoch) values (publisher, 1)
  on conflict (name) do update set epoch = p.epoch + 1
  returning epoch into acquired;
  return acquired;
end
$$;
