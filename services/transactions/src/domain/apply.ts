import { invariant } from "@kassa/kernel/assert";
import type { Currency } from "@kassa/kernel/currency";
import type { Uuid } from "@kassa/kernel/id";
import {
  isOpen,
  type Operation,
  type OperationKind,
  type Payment,
  type PaymentStatus,
  type RecordedEvent,
  type Refund,
  transitions,
} from "./payment.ts";

/**
 * The payment after one more event. The service and `kassa replay` both build every projection with it.
 * @throws InvariantViolation when the event cannot follow: such an event must never have been written
 */
export function apply(payment: Payment | undefined, event: RecordedEvent): Payment {
  if (payment === undefined) return create(event);
  invariant(event.version === payment.version + 1, `${event.streamId}: ${event.version} after ${payment.version}`);
  const next = { ...payment, version: event.version, updatedAtMs: event.occurredAtMs };
  switch (event.type) {
    case "payment.processing":
      return start({ ...next, status: enter(payment, "processing") }, event, "authorize", payment.amountMinor);
    case "payment.authorized":
      return {
        ...settle(next, event, "succeeded", event.data.provider_reference),
        status: enter(payment, "authorized"),
        providerReference: event.data.provider_reference,
        expiresAtMs: event.data.expires_at,
      };
    case "payment.completed":
      return complete(payment, next, event);
    case "payment.failed":
      return fail(payment, next, event);
    case "payment.canceled":
      return {
        ...(event.data.operation_id === undefined ? next : settle(next, event, "succeeded")),
        status: enter(payment, "canceled"),
        cancelRequested: event.data.reason,
        expiresAtMs: undefined,
      };
    case "capture.requested":
      return start(next, event, "capture", BigInt(event.data.amount));
    case "capture.failed":
    case "cancel.failed":
      return {
        ...(event.data.operation_id === undefined ? next : settle(next, event, "failed", undefined, event.data.code)),
        cancelRequested: event.type === "cancel.failed" ? undefined : next.cancelRequested,
        lastError: { code: event.data.code },
      };
    case "cancel.requested":
      return startVoid({ ...next, cancelRequested: event.data.reason }, event);
    case "void.started":
      return startVoid(next, event);
    case "refund.requested":
    case "refund.succeeded":
    case "refund.failed":
      return applyRefund(payment, next, event);
    case "operation.unknown":
      return settle(next, event, "unknown", undefined, event.data.reason);
    case "transition.refused":
      return event.data.command === "cancel" && event.data.code === "already_captured"
        ? { ...next, cancelRequested: undefined }
        : next;
    default:
      throw new Error(`${event.type} cannot follow in a stream`);
  }
}

/** The payment that the events of one stream, in order, add up to; undefined without events. */
export function fold(events: readonly RecordedEvent[]): Payment | undefined {
  return events.reduce<Payment | undefined>(apply, undefined);
}

type Of<T extends RecordedEvent["type"]> = Extract<RecordedEvent, { type: T }>;

function create(event: RecordedEvent): Payment {
  invariant(event.type === "payment.created" && event.version === 1, `${event.streamId} begins with ${event.type}`);
  const { data } = event;
  return {
    id: event.streamId,
    merchantId: event.merchantId,
    version: 1,
    status: "new",
    amountMinor: BigInt(data.amount),
    currency: data.currency as Currency,
    capture: data.capture,
    capturedMinor: 0n,
    refundedMinor: 0n,
    method: data.payment_method,
    provider: data.provider,
    providerReference: undefined,
    reference: data.reference,
    metadata: data.metadata,
    cancelRequested: undefined,
    lastError: null,
    expiresAtMs: undefined,
    operations: [],
    refunds: [],
    createdAtMs: event.occurredAtMs,
    updatedAtMs: event.occurredAtMs,
  };
}

function enter(payment: Payment, status: PaymentStatus): PaymentStatus {
  invariant(transitions[payment.status].includes(status), `${payment.id}: ${payment.status} cannot become ${status}`);
  return status;
}

function complete(payment: Payment, next: Payment, event: Of<"payment.completed">): Payment {
  const captured = BigInt(event.data.amount_captured);
  invariant(
    captured + BigInt(event.data.amount_released) === payment.amountMinor,
    `${payment.id}: captured and released do not add up to the amount`,
  );
  const operation = payment.operations.find(({ id }) => id === event.data.operation_id);
  const settled = operation !== undefined && isOpen(operation) ? settle(next, event, "succeeded") : next;
  return {
    ...settled,
    status: enter(payment, "completed"),
    capturedMinor: captured,
    expiresAtMs: undefined,
    lastError: null,
  };
}

function fail(payment: Payment, next: Payment, event: Of<"payment.failed">): Payment {
  const { operation_id, code, decline_code } = event.data;
  return {
    ...(operation_id === undefined ? next : settle(next, event, "failed", undefined, decline_code ?? code)),
    status: enter(payment, "failed"),
    lastError: decline_code === undefined ? { code } : { code, decline_code },
    expiresAtMs: undefined,
  };
}

function startVoid(next: Payment, event: Of<"cancel.requested"> | Of<"void.started">): Payment {
  const id = event.data.operation_id;
  return id === undefined ? next : start(next, { ...event, data: { operation_id: id } }, "void", next.amountMinor);
}

function start(
  next: Payment,
  event: { data: { operation_id: string }; occurredAtMs: number },
  kind: OperationKind,
  amountMinor: bigint,
  refundId?: Uuid,
): Payment {
  const operation: Operation = {
    id: event.data.operation_id as Uuid,
    kind,
    amountMinor,
    outcome: "pending",
    reason: undefined,
    providerReference: undefined,
    refundId,
    startedAtMs: event.occurredAtMs,
    settledAtMs: undefined,
  };
  return { ...next, operations: [...next.operations, operation] };
}

function settle(
  next: Payment,
  event: { data: { operation_id?: string | undefined }; occurredAtMs: number },
  outcome: Operation["outcome"],
  providerReference?: string,
  reason?: string,
): Payment {
  const id = event.data.operation_id;
  const before = next.operations.find((operation) => operation.id === id);
  invariant(before !== undefined && isOpen(before), `${next.id}: operation ${id} is not open`);
  const after: Operation = {
    ...before,
    outcome,
    reason,
    providerReference: providerReference ?? before.providerReference,
    settledAtMs: outcome === "unknown" ? undefined : event.occurredAtMs,
  };
  return { ...next, operations: next.operations.map((operation) => (operation === before ? after : operation)) };
}

function applyRefund(
  payment: Payment,
  next: Payment,
  event: Of<"refund.requested"> | Of<"refund.succeeded"> | Of<"refund.failed">,
): Payment {
  if (event.type === "refund.requested") {
    const amountMinor = BigInt(event.data.amount);
    const refund: Refund = {
      id: event.data.refund_id as Uuid,
      operationId: event.data.operation_id as Uuid,
      amountMinor,
      status: "pending",
      errorCode: undefined,
      createdAtMs: event.occurredAtMs,
      updatedAtMs: event.occurredAtMs,
    };
    const started = start(next, event, "refund", amountMinor, refund.id);
    return { ...started, refunds: [...payment.refunds, refund] };
  }
  const succeeded = event.type === "refund.succeeded";
  const settled = succeeded
    ? settle(next, event, "succeeded", event.data.provider_reference)
    : settle(next, event, "failed", undefined, event.data.code);
  const refund = payment.refunds.find(({ id }) => id === event.data.refund_id);
  invariant(refund !== undefined, `${payment.id}: no refund ${event.data.refund_id}`);
  const errorCode = succeeded ? undefined : event.data.code;
  const after: Refund = {
    ...refund,
    status: succeeded ? "succeeded" : "failed",
    errorCode,
    updatedAtMs: event.occurredAtMs,
  };
  return {
    ...settled,
    refundedMinor: payment.refundedMinor + (succeeded ? refund.amountMinor : 0n),
    refunds: payment.refunds.map((other) => (other === refund ? after : other)),
  };
}
