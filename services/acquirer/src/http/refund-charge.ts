import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { uuidv7 } from "@kassa/kernel/id";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { answerOperation, type OperationPorts } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function refundCharge(ports: OperationPorts): BoundRoute {
  return bindRoute(acquirerRoutes.refundCharge, (request) => {
    const { id: chargeId } = request.params;
    const { amount, metadata } = request.body;
    const operation = {
      kind: "refund",
      key: keyOf(request),
      fingerprint: fingerprintOf("refund", chargeId, amount, metadata.operation_id),
      operationId: metadata.operation_id,
      chargeId,
      refundId: `rf_${uuidv7(ports.clock.now()).replaceAll("-", "")}`,
      amount,
    } as const;
    return answerOperation(operation, request, ports);
  });
}
