import { publicId, type Uuid } from "@kassa/kernel/id";
import type { PoolClient } from "@kassa/platform/postgres";
import { recordedEvent } from "../adapters/postgres/read-events.ts";
import type { RecordedEvent } from "../domain/payment.ts";

export type PaymentRow = {
  readonly id: Uuid;
  readonly merchant_id: Uuid;
  readonly status: string;
  readonly amount: bigint;
  readonly amount_captured: bigint;
  readonly amount_refunded: bigint;
  readonly currency: string;
  readonly brand: string;
  readonly last4: string;
  readonly provider: string;
  readonly reference: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
};

export type OperationRow = {
  readonly id: Uuid;
  readonly kind: string;
  readonly amount: bigint;
  readonly outcome: string;
  readonly reason: string | null;
  readonly provider: string;
  readonly provider_reference: string | null;
  readonly started_at: Date;
  readonly settled_at: Date | null;
};

export type TransferRow = {
  readonly id: Uuid;
  readonly kind: "post" | "hold" | "settle" | "release";
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly occurred_at: Date;
};

/** What the database knows of one payment. */
export type TraceRows = {
  readonly payment: PaymentRow;
  readonly events: readonly RecordedEvent[];
  readonly traceIds: readonly string[];
  readonly operations: readonly OperationRow[];
  readonly transfers: readonly TransferRow[];
  readonly requests: readonly { route: string; key: string; status: number; created_at: Date }[];
  readonly received: readonly { consumer: string; message_id: string; received_at: Date }[];
  readonly waiting: readonly { from_version: number; to_version: number; has_command: boolean; created_at: Date }[];
  readonly parked: readonly { provider: string; webhook_id: string; operation_id: Uuid; received_at: Date }[];
  readonly timers: readonly { kind: "resolve" | "expire"; due_at: Date; attempt: number }[];
};

/** Milliseconds before and after a payment's life in which the rows that only time finds are looked for. */
const MARGIN_MS = 60 * 60_000;

const EVENTS = `
  select stream_id, merchant_id, version, type, data, occurred_at,
    split_part(metadata ->> 'traceparent', '-', 2) as trace_id
  from events where stream_id = $1 order by version`;

const PAYMENT = `
  select id, merchant_id, status, amount, amount_captured, amount_refunded, currency, payment_method ->> 'brand' as brand,
    payment_method ->> 'last4' as last4, provider, reference, created_at, updated_at
  from payments where merchant_id = $1 and id = $2`;

// The ids of operations and transfers are in the events: these tables have no index by payment.
const OPERATIONS = `
  select id, kind, amount, outcome, reason, provider, provider_reference, started_at, settled_at
  from operations where id = any ($1::uuid[]) order by started_at`;

const TRANSFERS = `
  select t.id, t.kind, d.kind || case d.party when '' then '' else ':' || d.party end as debit,
    c.kind || case c.party when '' then '' else ':' || c.party end as credit, t.amount, t.currency, t.occurred_at
  from ledger_transfers t
  join ledger_accounts d on d.id = t.debit_account
  join ledger_accounts c on c.id = t.credit_account
  where t.id = any ($1::uuid[]) order by t.occurred_at`;

const REQUESTS = `
  select route, key, status, created_at from idempotency_keys
  where merchant_id = $1 and created_at between $3 and $4 and strpos(answer, $2) > 0 order by created_at`;

const RECEIVED = `
  select consumer, message_id, received_at from inbox
  where received_at between $2 and $3 and starts_with(message_id, $1) order by received_at`;

const WAITING = `
  select from_version, to_version, command is not null as has_command, created_at
  from outbox where stream_id = $1 order by position`;

const PARKED = `
  select provider, webhook_id, operation_id, received_at from parked_webhooks where operation_id = any ($1::uuid[])`;

const TIMERS = "select kind, due_at, attempt from timers where payment_id = $1";

/** Reads all of it; undefined when there is no such payment. Meant for one transaction, so that it fits together. */
export async function readTraceRows(client: PoolClient, id: Uuid): Promise<TraceRows | undefined> {
  // biome-ignore lint/suspicious/noExplicitAny: each statement has its own columns, as TraceRows says
  const rows = async (text: string, values: readonly unknown[]): Promise<any[]> =>
    (await client.query(text, [...values])).rows;
  const eventRows = await rows(EVENTS, [id]);
  const [payment] = (await rows(PAYMENT, [eventRows[0]?.merchant_id, id])) as PaymentRow[];
  if (payment === undefined) return undefined;
  const events = eventRows.map(recordedEvent);
  const { merchant_id: merchantId } = payment;
  const ids = idsOf(events);
  const from = new Date(payment.created_at.getTime() - MARGIN_MS);
  const to = new Date(payment.updated_at.getTime() + MARGIN_MS);
  return {
    payment,
    events,
    traceIds: [...new Set(eventRows.map(({ trace_id }) => trace_id).filter((text) => typeof text === "string"))],
    operations: await rows(OPERATIONS, [ids]),
    transfers: await rows(TRANSFERS, [ids]),
    requests: await rows(REQUESTS, [merchantId, publicId("payment", id), from, to]),
    received: await rows(RECEIVED, [`${id}:`, from, to]),
    waiting: await rows(WAITING, [id]),
    parked: await rows(PARKED, [ids]),
    timers: await rows(TIMERS, [id]),
  };
}

/** Every id of an operation or refund in the events; a transfer has one of these. */
function idsOf(events: readonly RecordedEvent[]): string[] {
  const ids = events.flatMap(({ data }) => {
    const { operation_id, refund_id } = data as { operation_id?: string; refund_id?: string };
    return [operation_id, refund_id].filter((id) => id !== undefined);
  });
  return [...new Set(ids)];
}
