import { alignColumns } from "./render-trace.ts";
import type { Replay } from "./replay-projections.ts";

/** A replay as text for a terminal. */
export function renderReplay(replay: Replay): string {
  const tables = alignColumns(
    replay.tables.map(({ table, identical, live_rows, rebuilt_rows, live_digest, rebuilt_digest }) => [
      identical ? "same     " : "DIFFERENT",
      table,
      identical ? `${live_rows} rows` : `${live_rows} rows live, ${rebuilt_rows} rebuilt`,
      identical ? `digest ${live_digest}` : `digest ${live_digest} live, ${rebuilt_digest} rebuilt`,
    ]),
  );
  const differences = replay.tables.flatMap(({ table, differences_total, differences }) => [
    ...differences.flatMap(({ key, live, rebuilt }) => [
      "",
      `${table} ${key}`,
      `  live     ${live ?? "no row"}`,
      `  rebuilt  ${rebuilt ?? "no row"}`,
    ]),
    ...(differences_total > differences.length
      ? ["", `${table}: and ${differences_total - differences.length} more`]
      : []),
  ]);
  const broken = replay.broken.map(
    ({ what, id, expected, found }) => `broken stream ${id}: ${what}, expected ${expected}, found ${found}`,
  );
  return `${[...tables, ...differences, ...(broken.length === 0 ? [] : ["", ...broken]), "", replay.summary].join("\n")}\n`;
}
