import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { authorizeCharge } from "../commands/authorize-charge.ts";
import { type AnsweringPorts, answerOperation } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function createCharge(ports: AnsweringPorts): BoundRoute {
  return bindRoute(acquirerRoutes.createCharge, (request) => {
    const { metadata, ...charge } = request.body;
    const command = { ...charge, key: keyOf(request), operationId: metadata.operation_id };
    return answerOperation(authorizeCharge(command, ports), request, ports.held);
  });
}
