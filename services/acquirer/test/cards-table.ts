import { behaviourNamed } from "../src/domain/behaviour.ts";
import { testCards } from "../src/domain/test-cards.ts";

/** The table of test cards as the README shows it, in Markdown. */
export function cardsTable(): string {
  const rows = testCards.map(
    ({ token, number, brand, country, behaviour }) =>
      `| \`${token}\` | ${number} | ${brand} | ${country} | ${behaviourNamed(behaviour).summary} |`,
  );
  return ["| token | number | brand | country | what happens |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}
