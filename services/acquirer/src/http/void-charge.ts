import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { voidCharge as execute } from "../commands/void-charge.ts";
import { type AnsweringPorts, answerOperation } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function voidCharge(ports: AnsweringPorts): BoundRoute {
  return bindRoute(acquirerRoutes.voidCharge, (request) => {
    const operationId = request.body.metadata.operation_id;
    const command = { key: keyOf(request), operationId, chargeId: request.params.id };
    return answerOperation(execute(command, ports), request, ports.held);
  });
}
