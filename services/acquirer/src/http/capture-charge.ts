import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { answerOperation, type OperationPorts } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function captureCharge(ports: OperationPorts): BoundRoute {
  return bindRoute(acquirerRoutes.captureCharge, (request) => {
    const { id: chargeId } = request.params;
    const { amount, metadata } = request.body;
    const operation = {
      kind: "capture",
      key: keyOf(request),
      fingerprint: fingerprintOf("capture", chargeId, amount, metadata.operation_id),
      operationId: metadata.operation_id,
      chargeId,
      amount,
    } as const;
    return answerOperation(operation, request, ports);
  });
}
