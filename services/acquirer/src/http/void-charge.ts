import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { answerOperation, type OperationPorts } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function voidCharge(ports: OperationPorts): BoundRoute {
  return bindRoute(acquirerRoutes.voidCharge, (request) => {
    const { id: chargeId } = request.params;
    const operationId = request.body.metadata.operation_id;
    const fingerprint = fingerprintOf("void", chargeId, operationId);
    const operation = { kind: "void", key: keyOf(request), fingerprint, operationId, chargeId } as const;
    return answerOperation(operation, request, ports);
  });
}
