import type { PaymentEvent, PaymentMethod } from "@kassa/contracts/payment-events";
import type { Currency } from "@kassa/kernel/currency";
import type { Uuid } from "@kassa/kernel/id";

export type PaymentStatus = "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";

/** From which status a payment may go to which. Everything else is refused, and the refusal is recorded. */
export const transitions: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  new: ["processing", "failed", "canceled"],
  processing: ["authorized", "failed", "canceled"],
  authorized: ["completed", "canceled", "failed"],
  completed: [],
  failed: [],
  canceled: [],
};

/** True when nothing will change the status any more. */
export function isTerminal(status: PaymentStatus): boolean {
  return transitions[status].length === 0;
}

export type OperationKind = "authorize" | "capture" | "void" | "refund";

/** One call that moves money: its id is stored before the call, its outcome may stay unknown for a while. */
export type Operation = {
  readonly id: Uuid;
  readonly kind: OperationKind;
  readonly amountMinor: bigint;
  readonly outcome: "pending" | "unknown" | "succeeded" | "failed";
  readonly reason: string | undefined;
  readonly providerReference: string | undefined;
  readonly refundId: Uuid | undefined;
  readonly startedAtMs: number;
  readonly settledAtMs: number | undefined;
};

/** True while the provider's answer is not known: the operation reserves its amount. */
export function isOpen(operation: Operation): boolean {
  return operation.outcome === "pending" || operation.outcome === "unknown";
}

export type Refund = {
  readonly id: Uuid;
  readonly operationId: Uuid;
  readonly amountMinor: bigint;
  readonly status: "pending" | "succeeded" | "failed";
  readonly errorCode: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

export type LastError = { readonly code: string; readonly decline_code?: string };

/** What the events of a stream add up to. */
export type Payment = {
  readonly id: Uuid;
  readonly merchantId: Uuid;
  readonly version: number;
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly capture: "automatic" | "manual";
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly method: PaymentMethod;
  readonly provider: string;
  /** The provider's id of the charge, once it is authorized. */
  readonly providerReference: string | undefined;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cancelRequested: "requested" | "expired" | undefined;
  readonly lastError: LastError | null;
  readonly expiresAtMs: number | undefined;
  readonly operations: readonly Operation[];
  readonly refunds: readonly Refund[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** An event with its place in a stream. */
export type RecordedEvent = PaymentEvent & {
  readonly streamId: Uuid;
  readonly merchantId: Uuid;
  readonly version: number;
  readonly occurredAtMs: number;
};

/** The open operation of the given kind, if there is one. A payment has at most one open capture, void or authorization. */
export function openOperation(payment: Payment, kind: OperationKind): Operation | undefined {
  return payment.operations.find((operation) => operation.kind === kind && isOpen(operation));
}

/** Minor units that pending, unknown and succeeded refunds leave for further ones. */
export function refundableMinor(payment: Payment): bigint {
  const reserved = payment.refunds
    .filter(({ status }) => status !== "failed")
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return payment.capturedMinor - reserved;
}

/** Minor units that a capture may take now: nothing while a capture or a void is open. */
export function capturableMinor(payment: Payment): bigint {
  if (payment.status !== "authorized" || payment.cancelRequested !== undefined) return 0n;
  return openOperation(payment, "capture") === undefined ? payment.amountMinor : 0n;
}
