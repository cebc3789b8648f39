import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { listSettlement as list, type SettlementPorts } from "../commands/list-settlement.ts";
import { unavailable } from "./answer-operation.ts";

const DEFAULT_LIMIT = 1_000;

export function listSettlement(ports: SettlementPorts): BoundRoute {
  return bindRoute(acquirerRoutes.listSettlement, async ({ query }) => {
    const { limit = DEFAULT_LIMIT, starting_after: after } = query;
    const page = await list({ after, limit }, ports).catch(unavailable);
    if (!page.ok) {
      throw new Problem("invalid_request", "Send the id of the last line you have.", { param: "starting_after" });
    }
    return { status: 200, body: { data: page.value.lines, has_more: page.value.hasMore } };
  });
}
