import { isUuid, parsePublicId, publicId, type Uuid } from "@kassa/kernel/id";
import { createPool, inTransaction, type Pool } from "@kassa/platform/postgres";
import { readTraceRows, type TraceRows } from "./read-trace-rows.ts";
import { describeEvent, describeOperation, describeTransfer, type Text } from "./trace-words.ts";

/** One thing that happened to a payment, or will. */
export type TraceEntry = {
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly kind: "request" | "event" | "call" | "posting" | "message" | "timer";
  readonly what: string;
  readonly details: string;
};

/** A payment's timeline. Of its card it holds the brand and the last four digits, nothing else. */
export type Trace = {
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly status: string;
  /** Minor units. */
  readonly amount: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly card: { readonly brand: string; readonly last4: string };
  readonly provider: string;
  readonly reference: string | null;
  /** Of the distributed traces that its commits belong to. */
  readonly trace_ids: readonly string[];
  /** In order of time. */
  readonly entries: readonly TraceEntry[];
};

/** At one instant, what causes stands before what follows. */
const ORDER: readonly TraceEntry["kind"][] = ["request", "message", "event", "call", "posting", "timer"];

export type TraceOptions = {
  readonly connectionString: string;
  /** `pay_…` or the UUID. */
  readonly paymentId: string;
};

/** Everything the database knows of one payment, in order of time; undefined when there is no such payment. */
export async function tracePayment({ connectionString, paymentId }: TraceOptions): Promise<Trace | undefined> {
  const id = isUuid(paymentId) ? paymentId : parsePublicId("payment", paymentId);
  if (id === undefined) return undefined;
  const pool = createPool({ connectionString, applicationName: "kassa-trace", max: 1, statementTimeoutMs: 60_000 });
  try {
    const rows = await readOn(pool, id);
    return rows === undefined ? undefined : traceOf(rows);
  } finally {
    await pool.end();
  }
}

function readOn(pool: Pool, id: Uuid): Promise<TraceRows | undefined> {
  return inTransaction(pool, async (client) => {
    await client.query("set transaction isolation level repeatable read read only");
    return readTraceRows(client, id);
  });
}

function traceOf(rows: TraceRows): Trace {
  const { payment } = rows;
  const entries = [
    ...requestEntries(rows),
    ...messageEntries(rows),
    ...rows.events.map((event) => entry(event.occurredAtMs, "event", describeEvent(event, payment.currency))),
    ...rows.operations.map((operation) =>
      entry(operation.started_at, "call", describeOperation(operation, payment.currency)),
    ),
    ...rows.transfers.map((transfer) => entry(transfer.occurred_at, "posting", describeTransfer(transfer))),
    ...rows.timers.map(({ kind, due_at, attempt }) => {
      const what = kind === "expire" ? "authorization expires" : "look at the provider again";
      return entry(due_at, "timer", { what, details: attempt > 0 ? `attempt ${attempt}` : "" });
    }),
  ];
  return {
    payment_id: publicId("payment", payment.id),
    merchant_id: publicId("merchant", payment.merchant_id),
    status: payment.status,
    amount: Number(payment.amount),
    amount_captured: Number(payment.amount_captured),
    amount_refunded: Number(payment.amount_refunded),
    currency: payment.currency,
    card: { brand: payment.brand, last4: payment.last4 },
    provider: payment.provider,
    reference: payment.reference,
    trace_ids: rows.traceIds,
    entries: entries.toSorted((a, b) => a.at.localeCompare(b.at) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)),
  };
}

function requestEntries({ requests }: TraceRows): TraceEntry[] {
  return requests.map(({ route, key, status, created_at }) =>
    entry(created_at, "request", { what: route, details: `answered ${status}, Idempotency-Key ${key}` }),
  );
}

function messageEntries({ received, waiting, parked }: TraceRows): TraceEntry[] {
  return [
    ...received.map(({ consumer, message_id, received_at }) =>
      entry(received_at, "message", { what: `handled by ${consumer}`, details: message_id }),
    ),
    ...waiting.map(({ from_version, to_version, has_command, created_at }) => {
      const versions = from_version > 0 ? [`events ${from_version} to ${to_version}`] : [];
      const details = [...versions, ...(has_command ? ["a command"] : [])].join(" and ");
      return entry(created_at, "message", { what: "waits in the outbox", details });
    }),
    ...parked.map(({ provider, webhook_id, operation_id, received_at }) => {
      const details = `${webhook_id} for ${publicId("operation", operation_id)}`;
      return entry(received_at, "message", { what: `parked webhook of ${provider}`, details });
    }),
  ];
}

function entry(at: Date | number, kind: TraceEntry["kind"], { what, details }: Text): TraceEntry {
  return { at: new Date(at).toISOString(), kind, what, details };
}
