import { type Card, cardOfStaticToken } from "../domain/test-cards.ts";
import type { Cards } from "../ports.ts";

/** What a token stands for, one of the test cards or a card that was exchanged for it. */
export async function findCard(token: string, { cards }: { readonly cards: Cards }): Promise<Card | undefined> {
  return cardOfStaticToken(token) ?? cards.find(token);
}
