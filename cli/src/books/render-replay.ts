import type { Replay, TableReplay } from "@kassa/transactions/proof/replay-projections";

const MAX_SHOWN = 10;

/** The replay as a person reads it. */
export function renderReplay(replay: Replay, where: string): string {
  const broken = replay.broken
    .slice(0, MAX_SHOWN)
    .map(({ what, id, expected, found }) => `  broken     ${what} ${id}: expected ${expected}, found ${found}`);
  return [
    `The tables in ${where}, rebuilt from their sources`,
    "",
    ...replay.tables.flatMap(renderTable),
    ...broken,
    "",
    replay.summary,
  ].join("\n");
}

function renderTable({
  table,
  identical,
  live_rows,
  rebuilt_rows,
  differences,
  differences_total,
}: TableReplay): string[] {
  const line = `  ${identical ? "identical" : "DIFFERENT"}  ${table.padEnd(16)} ${String(rebuilt_rows).padStart(8)} rows`;
  if (identical) return [line];
  const shown = differences
    .slice(0, MAX_SHOWN)
    .flatMap(({ key, live, rebuilt }) => [
      `    ${key}`,
      `      live    ${live ?? "no row"}`,
      `      rebuilt ${rebuilt ?? "no row"}`,
    ]);
  return [`${line}, ${live_rows} live, ${differences_total} different`, ...shown];
}
