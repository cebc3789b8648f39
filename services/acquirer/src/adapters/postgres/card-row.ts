import type { Card } from "../../domain/test-cards.ts";

/** A row of the table tokens. */
export type CardRow = {
  readonly token: string;
  readonly brand: Card["brand"];
  readonly bin: string;
  readonly last4: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly country: string;
  readonly behaviour: Card["behaviour"];
};

export function cardOfRow(row: CardRow): Card {
  const { exp_month: expMonth, exp_year: expYear, ...same } = row;
  return { ...same, expMonth, expYear };
}
