import type { Findings } from "./findings.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * What a statement says of one fault: `what`, `id`, `expected` and `found` as text, and with a limit `total`, the number of
 * faults without it.
 */
export type SqlFault = {
  readonly what: string;
  readonly id: string;
  readonly expected: string | null;
  readonly found: string | null;
  readonly total: bigint;
};

/** Adds what the statements find; each returns rows of SqlFault. */
export async function addSqlFaults(
  findings: Findings,
  snapshot: Snapshot,
  statements: readonly { readonly text: string; readonly values?: readonly unknown[] }[],
): Promise<void> {
  for (const { text, values } of statements) {
    const rows = await snapshot.rows<SqlFault>(text, values);
    for (const { what, id, expected, found } of rows) findings.add(what, id, expected ?? "nothing", found ?? "nothing");
    findings.addUnseen(rows);
  }
}
