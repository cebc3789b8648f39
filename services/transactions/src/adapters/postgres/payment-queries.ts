import type { Uuid } from "@kassa/kernel/id";
import type { Pool } from "@kassa/platform/postgres";
import type { RecordedEvent } from "../../domain/payment.ts";
import type { PaymentView, RefundView } from "../../domain/view.ts";
import type { Balance, PageRequest, PaymentPage, PaymentReader } from "../../ports.ts";
import { ask, databaseAway } from "./database-away.ts";
import { readStreams } from "./read-events.ts";

const COLUMNS = `merchant_id, id, version, status, amount, currency, capture, amount_capturable, amount_captured, amount_refunded,
  payment_method, provider, reference, metadata, cancel_requested, last_error, expires_at, created_at, updated_at`;

// An id's first 48 bits are its created_at, so descending by id is descending by (created_at, id).
const GET = `select ${COLUMNS} from payments where merchant_id = $1 and id = $2`;
const LIST = `select ${COLUMNS} from payments where merchant_id = $1 order by id desc limit $2`;
const LIST_AFTER = `select ${COLUMNS} from payments where merchant_id = $1 and id < $3 order by id desc limit $2`;
const LIST_STATUS = `select ${COLUMNS} from payments where merchant_id = $1 and status = $3 order by id desc limit $2`;
const LIST_STATUS_AFTER = `
  select ${COLUMNS} from payments where merchant_id = $1 and status = $3 and id < $4 order by id desc limit $2`;
const GET_MANY = `
  select ${COLUMNS} from payments where (merchant_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))`;
const REFUND_COLUMNS = "merchant_id, id, payment_id, status, amount, currency, last_error, created_at, updated_at";
const GET_REFUND = `select ${REFUND_COLUMNS} from refunds where merchant_id = $1 and id = $2`;
const GET_REFUNDS = `
  select ${REFUND_COLUMNS} from refunds where (merchant_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))`;
const BALANCES = `
  select b.currency, (b.credits - b.debits) as posted, b.held, (b.credits - b.debits - b.held) as available
  from ledger_accounts a join ledger_balances b on b.account_id = a.id
  where a.merchant_id = $1 and a.kind = 'merchant' order by b.currency`;

/** What the read routes ask. Every query names the merchant. */
export class PaymentQueries implements PaymentReader {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async get(merchantId: Uuid, id: Uuid): Promise<PaymentView | undefined> {
    const { rows } = await ask(this.#pool, { name: "get_payment", text: GET, values: [merchantId, id] });
    return rows[0] === undefined ? undefined : paymentView(rows[0]);
  }

  async list(merchantId: Uuid, { limit, after, status }: PageRequest): Promise<PaymentPage> {
    const base = [merchantId, limit + 1];
    const { rows } =
      status === undefined
        ? await (after === undefined
            ? ask(this.#pool, { name: "list_payments", text: LIST, values: base })
            : ask(this.#pool, { name: "list_payments_after", text: LIST_AFTER, values: [...base, after] }))
        : await (after === undefined
            ? ask(this.#pool, { name: "list_status", text: LIST_STATUS, values: [...base, status] })
            : ask(this.#pool, {
                name: "list_status_after",
                text: LIST_STATUS_AFTER,
                values: [...base, status, after],
              }));
    return { payments: rows.slice(0, limit).map(paymentView), hasMore: rows.length > limit };
  }

  /** The payments among the keys that exist, with one query. */
  async getMany(keys: readonly { merchantId: Uuid; id: Uuid }[]): Promise<readonly PaymentView[]> {
    const { rows } = await ask(this.#pool, { name: "get_payments", text: GET_MANY, values: columnsOf(keys) });
    return rows.map(paymentView);
  }

  async getRefund(merchantId: Uuid, id: Uuid): Promise<RefundView | undefined> {
    const { rows } = await ask(this.#pool, { name: "get_refund", text: GET_REFUND, values: [merchantId, id] });
    return rows[0] === undefined ? undefined : refundView(rows[0]);
  }

  /** The refunds among the keys that exist, with one query. */
  async getRefunds(keys: readonly { merchantId: Uuid; id: Uuid }[]): Promise<readonly RefundView[]> {
    const { rows } = await ask(this.#pool, { name: "get_refunds", text: GET_REFUNDS, values: columnsOf(keys) });
    return rows.map(refundView);
  }

  /** The payment's events, oldest first; empty when the merchant has no such payment. */
  async events(merchantId: Uuid, paymentId: Uuid): Promise<readonly RecordedEvent[]> {
    try {
      const [events = []] = await readStreams(this.#pool, [{ merchantId, paymentId }]);
      return events;
    } catch (error) {
      throw databaseAway(error);
    }
  }

  async balances(merchantId: Uuid): Promise<readonly Balance[]> {
    const { rows } = await ask(this.#pool, { name: "balances", text: BALANCES, values: [merchantId] });
    return rows;
  }
}

function columnsOf(keys: readonly { merchantId: Uuid; id: Uuid }[]): unknown[] {
  return [keys.map(({ merchantId }) => merchantId), keys.map(({ id }) => id)];
}

// biome-ignore lint/suspicious/noExplicitAny: a row of pg has no type
function paymentView(row: any): PaymentView {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    version: row.version,
    status: row.status,
    amountMinor: row.amount,
    currency: row.currency,
    capture: row.capture,
    capturableMinor: row.amount_capturable,
    capturedMinor: row.amount_captured,
    refundedMinor: row.amount_refunded,
    method: row.payment_method,
    provider: row.provider,
    reference: row.reference,
    metadata: row.metadata,
    cancelRequested: row.cancel_requested,
    lastError: row.last_error,
    expiresAtMs: row.expires_at?.getTime(),
    createdAtMs: row.created_at.getTime(),
    updatedAtMs: row.updated_at.getTime(),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a row of pg has no type
function refundView(row: any): RefundView {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    paymentId: row.payment_id,
    status: row.status,
    amountMinor: row.amount,
    currency: row.currency,
    lastError: row.last_error,
    createdAtMs: row.created_at.getTime(),
    updatedAtMs: row.updated_at.getTime(),
  };
}
