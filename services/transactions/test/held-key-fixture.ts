import type { Pool } from "@kassa/platform/postgres";
import { eventually } from "./client-fixture.ts";

const HOLD = `
  insert into idempotency_keys (merchant_id, route, key, claim, fingerprint, status, answer, created_at)
  values ($1, $2, $3, $1, '', 202, '{}', now())`;
const BLOCKED = `
  select from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%commit_items%'`;

export type HeldKey = {
  /** Resolves when a request is waiting for the key. */
  blocked(): Promise<void>;
  /** Leaves the key as if nobody had ever had it. */
  release(): Promise<void>;
};

/** Another pod in the middle of a request with this key: whoever comes with it has to wait. */
export async function holdKey(pool: Pool, merchantId: string, route: string, key: string): Promise<HeldKey> {
  const client = await pool.connect();
  await client.query("set idle_in_transaction_session_timeout = 0");
  await client.query("begin");
  await client.query(HOLD, [merchantId, route, key]);
  return {
    async blocked() {
      await eventually(async () => (await pool.query(BLOCKED)).rowCount === 1);
    },
    async release() {
      await client.query("rollback");
      client.release(true);
    },
  };
}
