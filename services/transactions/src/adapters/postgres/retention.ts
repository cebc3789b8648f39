import type { Pool } from "@kassa/platform/postgres";

export type RetentionOptions = {
  readonly nowMs: number;
  readonly idempotencyMs: number;
  readonly inboxMs: number;
  /** Rows removed by one statement at most. */
  readonly step: number;
};

const OLD_KEYS = `
  delete from idempotency_keys where ctid = any (array(
    select ctid from idempotency_keys where created_at < $1 limit $2))`;
const OLD_INBOX = "delete from inbox where ctid = any (array(select ctid from inbox where received_at < $1 limit $2))";
const PARTITIONS = "select create_event_partitions($1, 4)";

/** Forgets what is older than promised, a bounded step at a time, and makes the event partitions of the next months. */
export async function retain(pool: Pool, { nowMs, idempotencyMs, inboxMs, step }: RetentionOptions): Promise<number> {
  await pool.query(PARTITIONS, [new Date(nowMs).toISOString()]);
  const keys = await pool.query(OLD_KEYS, [new Date(nowMs - idempotencyMs).toISOString(), step]);
  const inbox = await pool.query(OLD_INBOX, [new Date(nowMs - inboxMs).toISOString(), step]);
  return (keys.rowCount ?? 0) + (inbox.rowCount ?? 0);
}
