import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import type { Pool } from "@kassa/platform/postgres";
import type { SettlementReport } from "../../ports.ts";

/** Digits of a line's id: padded, ids rise as text as well. */
const ID_DIGITS = 16;

/** The settlement report in PostgreSQL. */
export function createSettlementReport(pool: Pool): SettlementReport {
  return { linesAfter: (position, limit) => linesAfter(pool, position, limit) };
}

type Row = {
  position: bigint;
  kind: SettlementLine["kind"];
  charge_id: string;
  operation_id: string;
  amount: bigint;
  currency: string;
  created_at: Date;
};

const LINES_AFTER = `
  select position, kind, charge_id, operation_id, amount, currency, created_at
  from settlement where position > $1 order by position limit $2`;

async function linesAfter(pool: Pool, position: bigint, limit: number): Promise<readonly SettlementLine[]> {
  const { rows } = await pool.query<Row>({ name: "settlement_after", text: LINES_AFTER, values: [position, limit] });
  return rows.map((row) => ({
    id: row.position.toString().padStart(ID_DIGITS, "0"),
    kind: row.kind,
    charge: row.charge_id,
    operation_id: row.operation_id,
    amount: Number(row.amount),
    currency: row.currency,
    created_at: row.created_at.toISOString(),
  }));
}
