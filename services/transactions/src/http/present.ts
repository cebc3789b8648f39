import type { PaymentBody, RefundBody } from "@kassa/contracts/payment-routes";
import { publicId } from "@kassa/kernel/id";
import type { PaymentView, RefundView } from "../domain/view.ts";

/** A payment as the API shows it. */
export function presentPayment(view: PaymentView): PaymentBody {
  const { token, brand, last4 } = view.method;
  return {
    id: publicId("payment", view.id),
    status: view.status,
    amount: Number(view.amountMinor),
    amount_capturable: Number(view.capturableMinor),
    amount_captured: Number(view.capturedMinor),
    amount_refunded: Number(view.refundedMinor),
    currency: view.currency,
    capture: view.capture,
    payment_method: { token, brand, last4 },
    reference: view.reference,
    metadata: view.metadata,
    cancel_requested: view.cancelRequested,
    last_error: view.lastError,
    expires_at: view.expiresAtMs === undefined ? null : instant(view.expiresAtMs),
    created_at: instant(view.createdAtMs),
    updated_at: instant(view.updatedAtMs),
  };
}

/** A refund as the API shows it. */
export function presentRefund(view: RefundView): RefundBody {
  return {
    id: publicId("refund", view.id),
    payment_id: publicId("payment", view.paymentId),
    status: view.status,
    amount: Number(view.amountMinor),
    currency: view.currency,
    last_error: view.lastError,
    created_at: instant(view.createdAtMs),
    updated_at: instant(view.updatedAtMs),
  };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
