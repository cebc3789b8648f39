import { Batcher, type Pool } from "@kassa/platform/postgres";
import type { DeliveryOutcome, DueWebhook, WebhookQueue } from "../../ports.ts";

type Settled = { readonly webhook: DueWebhook; readonly outcome: DeliveryOutcome };

/** The queue of webhooks in PostgreSQL. `maxInFlight` bounds the deliveries whose outcome waits to be written. */
export function createWebhookQueue(pool: Pool, maxInFlight: number): WebhookQueue {
  const batcher = new Batcher<Settled, undefined>({
    name: "acquirer_webhooks",
    maxBatch: maxInFlight,
    maxQueue: maxInFlight,
    commit: (settled) => settleAll(pool, settled),
  });
  return {
    lease: (nowMs, leaseMs, limit) => lease(pool, nowMs, leaseMs, limit),
    settle: (webhook, outcome) => batcher.submit({ webhook, outcome }),
    isWaiting: (id) => isWaiting(pool, id),
  };
}

const LEASE = `
  with due as (
    select id, copy from webhooks
    where gave_up_at is null and due_at <= to_timestamp($1::float8 / 1000)
    order by due_at limit $3
    for update skip locked
  )
  update webhooks w set due_at = to_timestamp(($1::float8 + $2) / 1000), attempts = w.attempts + 1
  from due where w.id = due.id and w.copy = due.copy
  returning w.id, w.copy, w.body, w.attempts`;

async function lease(pool: Pool, nowMs: number, leaseMs: number, limit: number): Promise<readonly DueWebhook[]> {
  const query = { name: "lease_webhooks", text: LEASE, values: [nowMs, leaseMs, limit] };
  const { rows } = await pool.query<DueWebhook>(query);
  return rows;
}

// A lease that ran out and was taken by another process has other attempts; its row is no longer ours to change.
const SETTLE = `
  with settled as (
    select * from unnest($1::text[], $2::smallint[], $3::integer[], $4::text[], $5::float8[], $6::text[])
      as t (id, copy, attempts, kind, at_ms, error)
  ), delivered as (
    delete from webhooks w using settled s
    where s.kind = 'delivered' and w.id = s.id and w.copy = s.copy
  )
  update webhooks w set last_error = s.error,
    due_at = case when s.kind = 'retry' then to_timestamp(s.at_ms / 1000) else w.due_at end,
    gave_up_at = case when s.kind = 'gave_up' then to_timestamp(s.at_ms / 1000) end
  from settled s
  where s.kind <> 'delivered' and w.id = s.id and w.copy = s.copy and w.attempts = s.attempts`;

async function settleAll(pool: Pool, settled: readonly Settled[]): Promise<undefined[]> {
  const values = [
    settled.map(({ webhook }) => webhook.id),
    settled.map(({ webhook }) => webhook.copy),
    settled.map(({ webhook }) => webhook.attempts),
    settled.map(({ outcome }) => outcome.kind),
    settled.map(({ outcome }) => atMsOf(outcome)),
    settled.map(({ outcome }) => (outcome.kind === "delivered" ? null : outcome.error)),
  ];
  await pool.query({ name: "settle_webhooks", text: SETTLE, values });
  return settled.map(() => undefined);
}

function atMsOf(outcome: DeliveryOutcome): number | null {
  switch (outcome.kind) {
    case "delivered":
      return null;
    case "retry":
      return outcome.dueAtMs;
    case "gave_up":
      return outcome.atMs;
  }
}

async function isWaiting(pool: Pool, id: string): Promise<boolean> {
  const text = "select 1 from webhooks where id = $1 and gave_up_at is null limit 1";
  const { rowCount } = await pool.query({ name: "is_waiting", text, values: [id] });
  return rowCount !== 0;
}
