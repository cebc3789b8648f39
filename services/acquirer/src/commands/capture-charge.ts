import { fingerprintOf } from "../domain/fingerprint.ts";
import { executeOperation, type OperationPorts, type OperationReply, type Sent } from "./execute-operation.ts";

export type CaptureCharge = Sent & {
  readonly chargeId: string;
  /** Minor units; the rest is released. */
  readonly amount: number;
};

/** Captures once. Refused with not_found, invalid_state or amount_too_large. */
export function captureCharge(command: CaptureCharge, ports: OperationPorts): Promise<OperationReply> {
  const { chargeId, amount, operationId } = command;
  const fingerprint = fingerprintOf("capture", chargeId, amount, operationId);
  return executeOperation({ kind: "capture", ...command, fingerprint }, ports);
}
