import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { type CardPorts, tokenizeCard as tokenize } from "../commands/tokenize-card.ts";
import { unavailable } from "./answer-operation.ts";
import { cardTokenBody } from "./card-token-body.ts";

export function tokenizeCard(ports: CardPorts): BoundRoute {
  return bindRoute(acquirerRoutes.tokenizeCard, async ({ body }) => {
    const { number, exp_month: expMonth, exp_year: expYear } = body.card;
    const outcome = await tokenize({ number, expMonth, expYear }, ports).catch(unavailable);
    if (!outcome.ok) {
      throw new Problem("card_invalid", outcome.error.detail, { param: `card.${outcome.error.member}` });
    }
    return { status: 201, body: cardTokenBody(outcome.value) };
  });
}
