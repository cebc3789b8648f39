import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { Problem } from "@kassa/contracts/problem";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import type { OperationPorts } from "../commands/execute-operation.ts";
import { lookUpOperation as lookUp } from "../commands/look-up-operation.ts";
import { unavailable } from "./answer-operation.ts";

export function lookUpOperation(ports: OperationPorts): BoundRoute {
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
