import { publicId, uuidv7 } from "@kassa/kernel/id";
import { fingerprintOf } from "../domain/fingerprint.ts";
import { executeOperation, type OperationPorts, type OperationReply, type Sent } from "./execute-operation.ts";

export type AuthorizeCharge = Sent & {
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
  /** True: capture at once. */
  readonly capture: boolean;
};

/** A charge on the token. Refused with unknown_payment_method; a decline is an answer. */
export function authorizeCharge(command: AuthorizeCharge, ports: OperationPorts): Promise<OperationReply> {
  const { amount, currency, token, capture, operationId } = command;
  const fingerprint = fingerprintOf("authorize", amount, currency, token, capture, operationId);
  const chargeId = publicId("charge", uuidv7(ports.clock.now()));
  return executeOperation({ kind: "authorize", ...command, fingerprint, chargeId }, ports);
}
