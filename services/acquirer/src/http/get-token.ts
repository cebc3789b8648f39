import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { findCard } from "../commands/find-card.ts";
import type { CardPorts } from "../commands/tokenize-card.ts";
import { unavailable } from "./answer-operation.ts";
import { cardTokenBody } from "./card-token-body.ts";

export function getToken(ports: Pick<CardPorts, "cards">): BoundRoute {
  return bindRoute(acquirerRoutes.getToken, async ({ params }) => {
    const card = await findCard(params.id, ports).catch(unavailable);
    if (card === undefined) throw new Problem("not_found", "There is no token with this id.");
    return { status: 200, body: cardTokenBody(card) };
  });
}
