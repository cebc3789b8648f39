import { behaviourNamed } from "../src/domain/behaviour.ts";
import { testCards } from "../src/domain/test-cards.ts";

const HEADER = ["token", "number", "brand", "country", "what happens"];

/** The table of test cards as the README shows it: Markdown with its columns aligned, as the formatter wants it. */
export function cardsTable(): string {
  const rows = testCards.map(({ token, number, brand, country, behaviour }) => [
    `\`${token}\``,
    number,
    brand,
    country,
    behaviourNamed(behaviour).summary,
  ]);
  const widths = HEADER.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  return [HEADER, rule, ...rows].map((row) => line(row, widths)).join("\n");
}

function line(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
}
