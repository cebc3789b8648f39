import { projectionColumns } from "../adapters/postgres/commit-items.ts";
import { arrayLiteral } from "../adapters/postgres/literals.ts";
import type { Payment } from "../domain/payment.ts";

/** The tables that events project to; the ledger's projections come from the journal. */
export const projectedTables = ["payments", "operations", "refunds"] as const;

export type ProjectedTable = (typeof projectedTables)[number];

/** The rows of each table, column by column in the table's own order. A refund's row is one JSON object. */
export function projectionValues(payments: readonly Payment[]): Readonly<Record<ProjectedTable, unknown[][]>> {
  const { payments: rows, operations, refunds } = projectionColumns(payments);
  // Without the item's number, and a payment's without the version that a commit expects.
  const [, merchants = [], ids = [], , ...others] = rows;
  return { payments: [merchants, ids, ...others], operations: operations.slice(1), refunds: refunds.slice(1) };
}

/** Columns as the parameters of a statement that unnests them. The driver's own writer of arrays takes several times as long. */
export function arrayParameters(columns: readonly (readonly unknown[])[]): string[] {
  return columns.map((column) => arrayLiteral(column, true));
}
