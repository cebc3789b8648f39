import { fingerprintOf } from "../domain/fingerprint.ts";
import { executeOperation, type OperationPorts, type OperationReply, type Sent } from "./execute-operation.ts";

export type VoidCharge = Sent & { readonly chargeId: string };

/** Releases an authorization. Refused with not_found or invalid_state. */
export function voidCharge(command: VoidCharge, ports: OperationPorts): Promise<OperationReply> {
  const fingerprint = fingerprintOf("void", command.chargeId, command.operationId);
  return executeOperation({ kind: "void", ...command, fingerprint }, ports);
}
