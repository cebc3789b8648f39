import type { Percentiles } from "./latencies.ts";
import type { TrafficReport } from "./tally.ts";

/** The report as a person reads it. */
export function renderReport(report: TrafficReport): string {
  const { latency_ms: latency, open } = report;
  const rows = [
    ["payments", `${report.arrivals} due in ${report.seconds} s, ${report.accepted} accepted`],
    ...(report.not_sent > 0 ? [["not sent", `${report.not_sent}: too many were under way`]] : []),
    ["outcomes", counts(report.payments)],
    ["refunds", counts(report.refunds)],
    ["answers", counts(report.answers)],
    ["requests", `${report.retried} sent again, ${report.unanswered} never answered`],
    ["repeated keys", report.doubled === 0 ? "each gave the same payment" : `${report.doubled} GAVE ANOTHER PAYMENT`],
    ["accepting", percentiles(latency.accept)],
    ["with outcome", percentiles(latency.outcome)],
    ["seed", String(report.seed)],
  ];
  const lines = rows.map(([name = "", text = ""]) => `  ${name.padEnd(14)} ${text}`);
  const waiting =
    open.length === 0
      ? []
      : [`  without an outcome so far: ${report.open_total}`, ...open.slice(0, 10).map((id) => `    ${id}`)];
  return [...lines, ...waiting].join("\n");
}

function counts(counted: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counted).sort(([, a], [, b]) => b - a);
  return parts.length === 0 ? "none" : parts.map(([name, count]) => `${name} ${count}`).join(", ");
}

function percentiles({ count, p50, p90, p99, p999, max }: Percentiles): string {
  if (count === 0) return "none";
  return `p50 ${p50} ms, p90 ${p90} ms, p99 ${p99} ms, p99.9 ${p999} ms, max ${max} ms`;
}
