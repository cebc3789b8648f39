import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import type { Pool } from "@kassa/platform/postgres";
import { changedOperations, changedRefunds, transfersOf } from "../../domain/change.ts";
import type { Payment } from "../../domain/payment.ts";
import type { AccountKey, Transfer } from "../../domain/postings.ts";
import { refundViewsOf, viewOf } from "../../domain/view.ts";
import type { CommitOutcome, Item } from "../../ports.ts";
import { arrayLiteral, instant } from "./literals.ts";

/** An item whose ledger accounts are known by number. */
export type ReadyItem = { readonly item: Item; readonly transfers: readonly ReadyTransfer[] };
export type ReadyTransfer = Transfer & { readonly debitId: bigint; readonly creditId: bigint };

/** What `commit_items` says of an item; `again`: the item that won its claim was not written, so submit it anew. */
export type ItemOutcome = CommitOutcome | { readonly kind: "again" };

const COMMIT_ITEMS = `select item, outcome, fingerprint, status, answer from commit_items(${placeholders(84)})`;

/** Writes all items in one transaction; see migrations/0003_commit_items.sql for what happens in which order. */
export async function commitItems(pool: Pool, items: readonly ReadyItem[], nowMs: number): Promise<ItemOutcome[]> {
  const { rows } = await pool.query<OutcomeRow>({
    name: "commit_items",
    text: COMMIT_ITEMS,
    values: [instant(nowMs), ...parameters(items, nowMs)],
  });
  const outcomes = items.map((): ItemOutcome => ({ kind: "committed" }));
  for (const row of rows) outcomes[row.item] = outcomeOf(row);
  return outcomes;
}

/** The accounts that an item's transfers touch. */
export function accountsOf(transfers: readonly Transfer[]): readonly AccountKey[] {
  return transfers.flatMap(({ debit, credit }) => [debit, credit]);
}

/** The transfers of all changes of an item. */
export function itemTransfers(item: Item): readonly Transfer[] {
  return item.changes.flatMap(transfersOf);
}

type OutcomeRow = {
  readonly item: number;
  readonly outcome: "duplicate" | "received" | "taken" | "conflict" | "refused" | "again";
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly answer: string;
};

function outcomeOf(row: OutcomeRow): ItemOutcome {
  switch (row.outcome) {
    case "duplicate":
      return { kind: "duplicate", fingerprint: row.fingerprint, status: row.status, answer: row.answer };
    case "taken":
      return { kind: "taken", reference: row.answer };
    case "refused":
      return { kind: "refused", reason: row.answer };
    default:
      return { kind: row.outcome };
  }
}

/** Rows gathered column by column, as `unnest` wants them, and written as array literals. */
class Columns {
  readonly #kinds: string;
  readonly arrays: unknown[][];

  /** One letter a column: `p` for plain values (ids, numbers, instants, fixed words), `t` for text that needs quoting. */
  constructor(kinds: string) {
    this.#kinds = kinds;
    this.arrays = Array.from(kinds, () => []);
  }

  add(...values: readonly unknown[]): void {
    for (let column = 0; column < values.length; column += 1) this.arrays[column]?.push(values[column]);
  }

  literals(): string[] {
    return this.arrays.map((column, index) => arrayLiteral(column, this.#kinds[index] === "t"));
  }
}

function parameters(items: readonly ReadyItem[], nowMs: number): string[] {
  const tables = {
    keys: new Columns("ppptpppt"),
    inbox: new Columns("pptp"),
    references: new Columns("pptpp"),
    payments: new Columns("ppppppppppppttttptppp"),
    events: new Columns("pppppttp"),
    operations: new Columns("ppppppptttpp"),
    refunds: new Columns("pt"),
    transfers: new Columns("pppppppppp"),
    outbox: new Columns("ppppptt"),
    timers: new Columns("pppppp"),
  };
  items.forEach(({ item, transfers }, index) => {
    addClaims(tables, item, index, nowMs);
    addChanges(tables, item, index);
    addTransfers(tables.transfers, transfers, index);
    addOutbox(tables.outbox, item, index);
    for (const { merchantId, paymentId, kind, dueAtMs, attempt } of item.timers ?? []) {
      tables.timers.add(index, merchantId, paymentId, kind, dueAtMs === undefined ? null : instant(dueAtMs), attempt);
    }
  });
  return Object.values(tables).flatMap((table) => table.literals());
}

type Tables = Readonly<
  Record<"keys" | "inbox" | "references" | "payments" | "events" | "operations" | "refunds", Columns>
>;

function addClaims({ keys, inbox, references }: Tables, item: Item, index: number, nowMs: number): void {
  const claimId = uuidv7(nowMs);
  if (item.claim !== undefined) {
    const { merchantId, route, key, fingerprint, status, answer } = item.claim;
    keys.add(index, merchantId, route, key, claimId, `\\\\x${fingerprint.toString("hex")}`, status, answer);
  }
  if (item.received !== undefined) inbox.add(index, item.received.consumer, item.received.messageId, claimId);
  for (const { merchantId, reference, paymentId } of item.uniqueReferences ?? []) {
    references.add(index, merchantId, reference, paymentId, uuidv7(nowMs));
  }
}

/** The rows that payments project to, column by column: each table's as `commit_items` takes them. */
export function projectionColumns(payments: readonly Payment[]): Readonly<Record<ProjectedTable, unknown[][]>> {
  const tables = {
    payments: new Columns("ppppppppppppttttptppp"),
    events: new Columns("pppppttp"),
    operations: new Columns("ppppppptttpp"),
    refunds: new Columns("pt"),
  };
  const changes = payments.map((after) => ({ before: undefined, after, events: [] }));
  addChanges(tables, { changes, traceparent: undefined }, 0);
  return {
    payments: tables.payments.arrays,
    operations: tables.operations.arrays,
    refunds: tables.refunds.arrays,
  };
}

type ProjectedTable = "payments" | "operations" | "refunds";
type ChangeTables = Pick<Tables, ProjectedTable | "events">;

function addChanges({ payments, events, operations, refunds }: ChangeTables, item: Item, index: number): void {
  const metadata = JSON.stringify(item.traceparent === undefined ? {} : { traceparent: item.traceparent });
  for (const change of item.changes) {
    const { before, after } = change;
    addPayment(payments, index, before?.version ?? 0, viewOf(after));
    for (const event of change.events) {
      const { streamId, version, merchantId, type, data, occurredAtMs } = event;
      events.add(index, streamId, version, merchantId, type, JSON.stringify(data), metadata, instant(occurredAtMs));
    }
    for (const operation of changedOperations(change)) {
      const { id, kind, amountMinor, outcome, reason, providerReference, startedAtMs, settledAtMs } = operation;
      const settled = settledAtMs === undefined ? null : instant(settledAtMs);
      const owner = [after.merchantId, after.id] as const;
      operations.add(
        index,
        id,
        ...owner,
        kind,
        amountMinor,
        outcome,
        reason,
        after.provider,
        providerReference,
        instant(startedAtMs),
        settled,
      );
    }
    const changed = new Set(changedRefunds(change).map(({ id }) => id));
    for (const refund of changed.size === 0 ? [] : refundViewsOf(after)) {
      if (changed.has(refund.id)) refunds.add(index, refundRow(refund));
    }
  }
}

function addPayment(payments: Columns, index: number, expected: number, row: ReturnType<typeof viewOf>): void {
  payments.add(
    index,
    row.merchantId,
    row.id,
    expected,
    row.version,
    row.status,
    row.amountMinor,
    row.currency,
    row.capture,
    row.capturableMinor,
    row.capturedMinor,
    row.refundedMinor,
    JSON.stringify(row.method),
    row.provider,
    row.reference,
    JSON.stringify(row.metadata),
    row.cancelRequested,
    row.lastError === null ? null : JSON.stringify(row.lastError),
    row.expiresAtMs === undefined ? null : instant(row.expiresAtMs),
    instant(row.createdAtMs),
    instant(row.updatedAtMs),
  );
}

/** A refund as the row that `jsonb_populate_record` makes of it. */
export function refundRow(refund: ReturnType<typeof refundViewsOf>[number]): string {
  return JSON.stringify({
    merchant_id: refund.merchantId,
    id: refund.id,
    payment_id: refund.paymentId,
    status: refund.status,
    amount: Number(refund.amountMinor),
    currency: refund.currency,
    last_error: refund.lastError,
    created_at: instant(refund.createdAtMs),
    updated_at: instant(refund.updatedAtMs),
  });
}

function addTransfers(columns: Columns, transfers: readonly ReadyTransfer[], index: number): void {
  for (const transfer of transfers) {
    const { id, kind, holdId, debitId, creditId, amountMinor, merchantId, paymentId, occurredAtMs } = transfer;
    columns.add(index, id, kind, holdId, debitId, creditId, amountMinor, merchantId, paymentId, instant(occurredAtMs));
  }
}

// One row for a stream's new versions; a command of the same payment travels on it.
function addOutbox(columns: Columns, item: Item, index: number): void {
  const commands = new Map((item.commands ?? []).map((command) => [command.payment_id, command]));
  for (const { after, events } of item.changes) {
    const command = commands.get(after.id);
    commands.delete(after.id);
    const from = after.version - events.length + 1;
    const text = command === undefined ? null : JSON.stringify(command);
    columns.add(index, after.merchantId, after.id, from, after.version, text, item.traceparent);
  }
  for (const command of commands.values()) {
    columns.add(
      index,
      command.merchant_id as Uuid,
      command.payment_id,
      0,
      0,
      JSON.stringify(command),
      item.traceparent,
    );
  }
}

function placeholders(count: number): string {
  return Array.from({ length: count }, (_, index) => `$${index + 1}`).join(", ");
}
