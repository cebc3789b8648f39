import type { PaymentMethod } from "@kassa/contracts/payment-events";
import type { Uuid } from "@kassa/kernel/id";
import { capturableMinor, type LastError, type Payment, type PaymentStatus } from "./payment.ts";

/** What queries read of a payment: one row of the projection. */
export type PaymentView = {
  readonly id: Uuid;
  readonly merchantId: Uuid;
  readonly version: number;
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly capture: string;
  readonly capturableMinor: bigint;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly method: PaymentMethod;
  readonly provider: string;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cancelRequested: boolean;
  readonly lastError: LastError | null;
  readonly expiresAtMs: number | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** The row that a payment's state projects to. */
export function viewOf(payment: Payment): PaymentView {
  return {
    id: payment.id,
    merchantId: payment.merchantId,
    version: payment.version,
    status: payment.status,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    capture: payment.capture,
    capturableMinor: capturableMinor(payment),
    capturedMinor: payment.capturedMinor,
    refundedMinor: payment.refundedMinor,
    method: payment.method,
    provider: payment.provider,
    reference: payment.reference,
    metadata: payment.metadata,
    cancelRequested: payment.cancelRequested !== undefined,
    lastError: payment.lastError,
    expiresAtMs: payment.expiresAtMs,
    createdAtMs: payment.createdAtMs,
    updatedAtMs: payment.updatedAtMs,
  };
}

/** What queries read of a refund. */
export type RefundView = {
  readonly id: Uuid;
  readonly merchantId: Uuid;
  readonly paymentId: Uuid;
  readonly status: "pending" | "succeeded" | "failed";
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly lastError: { readonly code: string } | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** The rows that a payment's refunds project to. */
export function refundViewsOf(payment: Payment): readonly RefundView[] {
  return payment.refunds.map((refund) => ({
    id: refund.id,
    merchantId: payment.merchantId,
    paymentId: payment.id,
    status: refund.status,
    amountMinor: refund.amountMinor,
    currency: payment.currency,
    lastError: refund.errorCode === undefined ? null : { code: refund.errorCode },
    createdAtMs: refund.createdAtMs,
    updatedAtMs: refund.updatedAtMs,
  }));
}
