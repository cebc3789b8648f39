import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { publicId, uuidv7 } from "@kassa/kernel/id";
import { type BoundRoute, bindRoute } from "@kassa/platform/http";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { answerOperation, type OperationPorts } from "./answer-operation.ts";
import { keyOf } from "./key-of.ts";

export function createCharge(ports: OperationPorts): BoundRoute {
  return bindRoute(acquirerRoutes.createCharge, (request) => {
    const { amount, currency, token, capture, metadata } = request.body;
    const operation = {
      kind: "authorize",
      key: keyOf(request),
      fingerprint: fingerprintOf("authorize", amount, currency, token, capture, metadata.operation_id),
      operationId: metadata.operation_id,
      chargeId: publicId("charge", uuidv7(ports.clock.now())),
      amount,
      currency,
      token,
      capture,
    } as const;
    return answerOperation(operation, request, ports);
  });
}
