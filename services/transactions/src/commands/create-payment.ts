import type { PaymentCommand, PaymentMethod } from "@kassa/contracts/payment-events";
import type { PaymentRequest } from "@kassa/contracts/payment-routes";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import { begin, type Change } from "../domain/change.ts";

/** What is needed to create one payment, once its method is a token. */
export type NewPayment = {
  readonly merchantId: Uuid;
  readonly request: PaymentRequest;
  readonly method: PaymentMethod;
  readonly provider: string;
  readonly nowMs: number;
};

/** A new payment's stream and the command that sends a worker to it. Pure but for the new id. */
export function createPayment({ merchantId, request, method, provider, nowMs }: NewPayment): {
  readonly change: Change;
  readonly command: PaymentCommand;
} {
  const id = uuidv7(nowMs);
  const change = begin(
    id,
    merchantId,
    [
      {
        type: "payment.created",
        data: {
          amount: request.amount,
          currency: request.currency,
          capture: request.capture ?? "automatic",
          payment_method: method,
          provider,
          reference: request.reference ?? null,
          metadata: request.metadata ?? {},
        },
      },
    ],
    nowMs,
  );
  return { change, command: { command_id: `${id}:1`, payment_id: id, merchant_id: merchantId, reason: "created" } };
}
