import type { CardToken } from "@kassa/contracts/acquirer-routes";
import type { Card } from "../commands/tokenize-card.ts";

/** What anybody may see of a card. */
export function cardTokenBody(card: Card): CardToken {
  return {
    token: card.token,
    brand: card.brand,
    bin: card.bin,
    last4: card.last4,
    exp_month: card.expMonth,
    exp_year: card.expYear,
    country: card.country,
  };
}
