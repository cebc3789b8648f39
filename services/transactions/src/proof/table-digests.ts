import { hash } from "node:crypto";
import { transfersOf } from "../domain/change.ts";
import type { SoundStream } from "./checks/events.ts";
import { transferColumns } from "./checks/postings.ts";
import { projectionValues } from "./projected-tables.ts";
import { type ColumnKind, rowTexts } from "./row-text.ts";
import type { Snapshot } from "./snapshot.ts";

/** What events give rows to. */
const tables = ["payments", "operations", "refunds", "ledger_transfers"] as const;

type DigestedTable = (typeof tables)[number];

/** Number of rows, and two sums over 60 bits each of the MD5 of every row's text: the same whatever the order of the rows. */
type Digest = { readonly rows: bigint; readonly first: bigint; readonly second: bigint };

export type TableDigests = Readonly<Record<DigestedTable, Digest>>;

/** Reads the digest of the hashes `h` that a query gives; its `offset 0` keeps PostgreSQL from computing each hash twice. */
function digestOf(hashes: string): string {
  return `
    select count(*) as rows, sum(('x' || left(h, 15))::bit(60)::bigint)::text as first,
      sum(('x' || substr(h, 16, 15))::bit(60)::bigint)::text as second
    from (${hashes} offset 0) as hashed`;
}

const READ = {
  payments: digestOf("select md5(p::text) as h from payments p"),
  operations: digestOf("select md5(o::text) as h from operations o"),
  refunds: digestOf("select md5(f::text) as h from refunds f"),
  ledger_transfers: digestOf(`
      select md5(row (t.id, t.kind, t.hold_id, d.kind, d.party, c.kind, c.party, t.amount, t.currency, t.merchant_id,
        t.payment_id, t.occurred_at)::text) as h
      from ledger_transfers t
      left join ledger_accounts d on d.id = t.debit_account and (d.merchant_id, d.currency) = (t.merchant_id, t.currency)
      left join ledger_accounts c on c.id = t.credit_account and (c.merchant_id, c.currency) = (t.merchant_id, t.currency)`),
} satisfies Record<DigestedTable, string>;

const KINDS: Readonly<Record<DigestedTable, readonly ColumnKind[]>> = {
  payments: [...plain(10), "json", "text", "text", "json", "flag", "json", "instant", "instant", "instant"],
  operations: [...plain(6), "text", "text", "text", "instant", "instant"],
  refunds: [...plain(6), "json", "instant", "instant"],
  ledger_transfers: [...plain(4), "text", "plain", "text", ...plain(4), "instant"],
};

/** The digests of the rows that are there: one pass over each table, without a join by key. */
export async function readTableDigests(snapshot: Snapshot): Promise<TableDigests> {
  const digests = emptyDigests();
  for (const table of tables) {
    type Row = { rows: bigint; first: string | null; second: string | null };
    const [row] = await snapshot.rows<Row>(READ[table]);
    if (row === undefined) continue;
    digests[table] = { rows: row.rows, first: BigInt(row.first ?? 0), second: BigInt(row.second ?? 0) };
  }
  return digests;
}

/** The digests of the rows that must be there, stream by stream. */
export class ExpectedDigests {
  readonly #digests = emptyDigests();

  add(streams: readonly SoundStream[]): void {
    const { payments, operations, refunds } = projectionValues(streams.map(({ payment }) => payment));
    this.#add("payments", payments);
    this.#add("operations", operations);
    this.#add("refunds", refundColumns(refunds[0] ?? []));
    const transfers = streams.flatMap(({ payment, events }) =>
      transfersOf({ before: undefined, after: payment, events }),
    );
    this.#add("ledger_transfers", transferColumns(transfers));
  }

  /** Rows that must be there. */
  rows(...counted: readonly DigestedTable[]): bigint {
    return counted.reduce((sum, table) => sum + this.#digests[table].rows, 0n);
  }

  equals(found: TableDigests): boolean {
    return tables.every((table) => {
      const { rows, first, second } = this.#digests[table];
      return rows === found[table].rows && first === found[table].first && second === found[table].second;
    });
  }

  #add(table: DigestedTable, columns: readonly (readonly unknown[])[]): void {
    let { rows, first, second } = this.#digests[table];
    for (const text of rowTexts(KINDS[table], columns)) {
      const hex = hash("md5", text, "hex");
      rows += 1n;
      first += BigInt(`0x${hex.slice(0, 15)}`);
      second += BigInt(`0x${hex.slice(15, 30)}`);
    }
    this.#digests[table] = { rows, first, second };
  }
}

/** A refund's row is one JSON object, its members in the table's own order. */
function refundColumns(bodies: readonly unknown[]): unknown[][] {
  const columns: unknown[][] = KINDS.refunds.map(() => []);
  for (const body of bodies) {
    const values = Object.values(JSON.parse(String(body)) as object);
    values.forEach((value, column) => {
      const isJson = KINDS.refunds[column] === "json" && value !== null;
      columns[column]?.push(isJson ? JSON.stringify(value) : value);
    });
  }
  return columns;
}

function emptyDigests(): Record<DigestedTable, Digest> {
  const none = { rows: 0n, first: 0n, second: 0n };
  return { payments: none, operations: none, refunds: none, ledger_transfers: none };
}

function plain(count: number): readonly "plain"[] {
  return Array.from({ length: count }, () => "plain");
}
