import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import type { Clock } from "@kassa/kernel/clock";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { lookUpOperation as lookUp } from "../commands/look-up-operation.ts";
import type { OperationBook } from "../ports.ts";
import { unavailable } from "./answer-operation.ts";

export function lookUpOperation(ports: { readonly book: OperationBook; readonly clock: Clock }): BoundRoute {
  return bindRoute(acquirerRoutes.lookUpOperation, async ({ params }) => {
    const operation = await lookUp(params.id, ports).catch(unavailable);
    if (operation === undefined) {
      throw new Problem("not_found", "No operation with this id is known here; it may still be on its way.");
    }
    const { kind, result, subjectId: id, code, declineCode } = operation;
    const why = { ...(code === null ? {} : { code }), ...(declineCode === null ? {} : { decline_code: declineCode }) };
    return { status: 200, body: { kind, result, id, ...why } };
  });
}
