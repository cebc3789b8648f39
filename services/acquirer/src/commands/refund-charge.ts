import { uuidv7 } from "@kassa/kernel/id";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { executeOperation, type OperationPorts, type OperationReply, type Sent } from "./execute-operation.ts";

export type RefundCharge = Sent & {
  readonly chargeId: string;
  /** Minor units. */
  readonly amount: number;
};

/** Gives back a part of what was captured. Refused with not_found, invalid_state or amount_too_large. */
export function refundCharge(command: RefundCharge, ports: OperationPorts): Promise<OperationReply> {
  const { chargeId, amount, operationId } = command;
  const fingerprint = fingerprintOf("refund", chargeId, amount, operationId);
  const refundId = `rf_${uuidv7(ports.clock.now()).replaceAll("-", "")}`;
  return executeOperation({ kind: "refund", ...command, fingerprint, refundId }, ports);
}
