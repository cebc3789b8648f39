import type { OperationOutcome } from "@kassa/contracts/payment-events";
import type { Clock } from "@kassa/kernel/clock";
import { isUuid, type Uuid } from "@kassa/kernel/id";
import type { Pool } from "@kassa/platform/postgres";
import type { WebhookStore } from "../../ports.ts";
import { ask } from "./database-away.ts";

const FIND = "select merchant_id, payment_id, provider from operations where id = $1";
const PARK = `
  insert into parked_webhooks (provider, webhook_id, operation_id, outcome, received_at) values ($1, $2, $3, $4, $5)
  on conflict do nothing`;
// What matches an operation by now becomes the command it should have been; the inbox drops what came twice.
const UNPARK = `
  with found as (
    select w.provider, w.webhook_id, o.merchant_id, o.payment_id
    from parked_webhooks w join operations o on o.id = w.operation_id and o.provider = w.provider
    limit $1 for update of w skip locked
  ), taken as (
    delete from parked_webhooks w using found f where (w.provider, w.webhook_id) = (f.provider, f.webhook_id)
    returning w.provider, w.webhook_id, w.operation_id, w.outcome, f.merchant_id, f.payment_id
  )
  insert into outbox (merchant_id, stream_id, from_version, to_version, command, created_at)
  select merchant_id, payment_id, 0, 0, json_build_object(
    'command_id', provider || ':' || webhook_id, 'payment_id', payment_id, 'merchant_id', merchant_id,
    'reason', 'webhook', 'operation_id', operation_id, 'outcome', outcome)::text, $2
  from taken`;

/** Finds the operation of a webhook, and keeps the webhooks that came before theirs. */
export class PostgresWebhookStore implements WebhookStore {
  readonly #pool: Pool;
  readonly #clock: Clock;

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  async findOperation(
    operationId: string,
  ): Promise<{ merchantId: Uuid; paymentId: Uuid; provider: string } | undefined> {
    if (!isUuid(operationId)) return undefined;
    const { rows } = await ask(this.#pool, { name: "find_operation", text: FIND, values: [operationId] });
    const row = rows[0];
    return row && { merchantId: row.merchant_id, paymentId: row.payment_id, provider: row.provider };
  }

  async park(webhook: {
    provider: string;
    webhookId: string;
    operationId: Uuid;
    outcome: OperationOutcome;
  }): Promise<void> {
    const { provider, webhookId, operationId, outcome } = webhook;
    const at = new Date(this.#clock.now()).toISOString();
    const values = [provider, webhookId, operationId, JSON.stringify(outcome), at];
    await ask(this.#pool, { name: "park_webhook", text: PARK, values });
  }

  /** Sends on up to `limit` parked webhooks whose operation is known by now; returns how many. */
  async unpark(limit: number): Promise<number> {
    const { rowCount } = await this.#pool.query(UNPARK, [limit, new Date(this.#clock.now()).toISOString()]);
    return rowCount ?? 0;
  }
}
