import type { Trace } from "./trace-payment.ts";
import { moneyText } from "./trace-words.ts";

/** A trace as aligned text for a terminal, 120 columns where ids allow it. */
export function renderTrace(trace: Trace): string {
  const { currency, card } = trace;
  const money = (minor: number) => moneyText(minor, currency);
  const head = [
    `${trace.payment_id}  ${trace.status}`,
    `${money(trace.amount)}, captured ${money(trace.amount_captured)}, refunded ${money(trace.amount_refunded)}`,
    `${card.brand} ${card.last4}, provider ${trace.provider}${trace.reference === null ? "" : `, reference ${trace.reference}`}`,
    `merchant ${trace.merchant_id}`,
    ...trace.trace_ids.map((id) => `trace ${id}`),
  ];
  const beganMs = Date.parse(trace.entries[0]?.at ?? "");
  const rows = trace.entries.map(({ at, kind, what, details }) => [
    at.replace("T", " ").replace("Z", ""),
    sinceText(Date.parse(at) - beganMs),
    kind,
    what,
    details,
  ]);
  return `${[...head, "", ...alignColumns(rows)].join("\n")}\n`;
}

/** Lines whose columns begin below each other, two blanks apart; the last column is as long as it is. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function sinceText(ms: number): string {
  if (ms < 10_000) return `+${ms} ms`;
  if (ms < 600_000) return `+${Math.round(ms / 1000)} s`;
  if (ms < 48 * 3_600_000) return `+${Math.round(ms / 60_000)} min`;
  return `+${Math.round(ms / 86_400_000)} d`;
}
