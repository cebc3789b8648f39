import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { refundCharge as execute } from "../commands/refund-charge.ts";
import { type AnsweringPorts, answerOperation } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function refundCharge(ports: AnsweringPorts): BoundRoute {
  return bindRoute(acquirerRoutes.refundCharge, (request) => {
    const { amount, metadata } = request.body;
    const command = { key: keyOf(request), operationId: metadata.operation_id, chargeId: request.params.id, amount };
    return answerOperation(execute(command, ports), request, ports.held);
  });
}
