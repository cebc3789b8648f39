import type { Pool } from "@kassa/platform/postgres";

/** A fired timer comes again after this long unless its handling moves or removes it, so a lost command heals. */
const REFIRE_MS = 120_000;

const FIRE = `
  with due as (
    select payment_id, kind, due_at from timers where due_at <= $1 order by due_at limit $2 for update skip locked
  ), fired as (
    update timers t set due_at = $3 from due d where t.payment_id = d.payment_id and t.kind = d.kind
    returning t.merchant_id, t.payment_id, t.kind, t.attempt, d.due_at
  )
  insert into outbox (merchant_id, stream_id, from_version, to_version, command, created_at)
  select merchant_id, payment_id, 0, 0, json_build_object(
    'command_id', payment_id || ':' || kind || ':' || (extract(epoch from due_at) * 1000)::bigint,
    'payment_id', payment_id, 'merchant_id', merchant_id, 'reason', kind, 'attempt', attempt)::text, $1
  from fired`;

/** Turns up to `limit` due timers into commands, in one statement; safe in several pods. Returns how many. */
export async function fireTimers(pool: Pool, nowMs: number, limit: number): Promise<number> {
  const { rowCount } = await pool.query({
    name: "fire_timers",
    text: FIRE,
    values: [new Date(nowMs).toISOString(), limit, new Date(nowMs + REFIRE_MS).toISOString()],
  });
  return rowCount ?? 0;
}
