import pg from "pg";
import { queryOnce } from "../installation/database.ts";
import type { Product } from "../installation/product.ts";
import { tell } from "../progress.ts";

const CHUNK = 100_000;
const CONNECTIONS = 2;
const TELL_EVERY = 1_000_000;

/** UUIDv7 of $1 - $2 (payments), made over the last 25 days in order; every row is a copy of the one payment that is there. */
const SEED = `
  with ids as (
    select at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(random, 1, 3) || '8'
      || substr(random, 4, 15))::uuid as id, random
    from (
      select now() - interval '25 days' * (1 - n::float8 / $3) as at, replace(gen_random_uuid()::text, '-', '') as random
      from generate_series($1::int, $2::int) as n
    ) as drawn
  ), seeded_payments as (
    insert into payments
    select p.merchant_id, ids.id, p.version, 'completed', p.amount, p.currency, p.capture, 0, p.amount, p.amount_refunded,
      p.payment_method, p.provider, p.reference, p.metadata, p.cancel_requested, p.last_error, p.expires_at, ids.at, ids.at
    from ids cross join (select * from payments where id = $4) as p
  ), seeded_events as (
    insert into events
    select ids.id, e.version, e.merchant_id, e.type, e.data, e.metadata, ids.at
    from ids cross join (select * from events where stream_id = $4) as e
  )
  insert into idempotency_keys
  select k.merchant_id, k.route, 'seeded-' || ids.random, ids.id, k.fingerprint, k.status, k.answer, ids.at
  from ids cross join (select * from idempotency_keys where key = $5) as k`;

const TEMPLATE = `
  select p.id, k.key from payments p join idempotency_keys k using (merchant_id)
  where k.answer::jsonb ->> 'created_at' = to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  order by p.id limit 1`;

/** Stores many completed payments, each with its event and idempotency key, a hundred thousand a transaction. */
export async function seedPayments({ databaseUrl }: Product, count: number): Promise<void> {
  const [template] = await queryOnce<{ id: string; key: string }>(databaseUrl, TEMPLATE);
  if (template === undefined) throw new Error("there is no payment to copy");
  let next = 1;
  const seedChunks = async () => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      while (next <= count) {
        const first = next;
        next += CHUNK;
        const last = Math.min(count, first + CHUNK - 1);
        await client.query(SEED, [first, last, count, template.id, template.key]);
        if (last % TELL_EVERY === 0) tell(`${last} payments stored`);
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, seedChunks));
  await queryOnce(databaseUrl, "vacuum analyze");
  await queryOnce(databaseUrl, "checkpoint");
  const [stored] = await queryOnce<{ count: string }>(databaseUrl, "select count(*) from payments");
  if (Number(stored?.count) !== count + 1)
    throw new Error(`${count} payments were to be seeded, there are ${stored?.count}`);
  tell(`${count} payments seeded`);
}
