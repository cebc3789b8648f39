import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import type { SettlementReport } from "../ports.ts";
import { unavailable } from "./answer-operation.ts";

const DEFAULT_LIMIT = 1_000;

/** Positions are at most 16 digits, as the report writes them. */
const CURSOR = /^[0-9]{1,16}$/;

export function listSettlement({ report }: { readonly report: SettlementReport }): BoundRoute {
  return bindRoute(acquirerRoutes.listSettlement, async ({ query }) => {
    const { limit = DEFAULT_LIMIT, starting_after: after = "0" } = query;
    if (!CURSOR.test(after)) {
      throw new Problem("invalid_request", "Send the id of the last line you have.", { param: "starting_after" });
    }
    // One line more than asked for tells whether there is more.
    const lines = await report.linesAfter(BigInt(after), limit + 1).catch(unavailable);
    return { status: 200, body: { data: lines.slice(0, limit), has_more: lines.length > limit } };
  });
}
