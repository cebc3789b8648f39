import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { cardOfStaticToken } from "../domain/test-cards.ts";
import type { Cards } from "../ports.ts";
import { unavailable } from "./answer-operation.ts";
import { cardTokenBody } from "./card-token-body.ts";

export function getToken({ cards }: { readonly cards: Cards }): BoundRoute {
  return bindRoute(acquirerRoutes.getToken, async ({ params }) => {
    const card = cardOfStaticToken(params.id) ?? (await cards.find(params.id).catch(unavailable));
    if (card === undefined) throw new Problem("not_found", "There is no token with this id.");
    return { status: 200, body: cardTokenBody(card) };
  });
}
