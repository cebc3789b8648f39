import type { PaymentEvent } from "@kassa/contracts/payment-events";
import { invariant } from "@kassa/kernel/assert";
import type { Uuid } from "@kassa/kernel/id";
import { apply } from "./apply.ts";
import { isOpen, type Operation, type Payment, type RecordedEvent, type Refund } from "./payment.ts";
import { postings, type Transfer } from "./postings.ts";

/** New events of one stream, with the state before and after them. Everything that is written follows from it. */
export type Change = {
  readonly before: Payment | undefined;
  readonly after: Payment;
  readonly events: readonly RecordedEvent[];
};

/** Appends the events to the payment. `events` must not be empty; an event that cannot follow throws InvariantViolation. */
export function append(payment: Payment, events: readonly PaymentEvent[], nowMs: number): Change {
  return record(payment, payment.id, payment.merchantId, events, nowMs);
}

/** The first events of a new stream. */
export function begin(id: Uuid, merchantId: Uuid, events: readonly PaymentEvent[], nowMs: number): Change {
  return record(undefined, id, merchantId, events, nowMs);
}

function record(
  before: Payment | undefined,
  streamId: Uuid,
  merchantId: Uuid,
  events: readonly PaymentEvent[],
  nowMs: number,
): Change {
  invariant(events.length > 0, `${streamId}: a change without events`);
  // A pod whose clock is behind must not make a payment's history run backwards.
  const occurredAtMs = Math.max(nowMs, before?.updatedAtMs ?? 0);
  const from = (before?.version ?? 0) + 1;
  const recorded = events.map(
    (event, index) => ({ ...event, streamId, merchantId, version: from + index, occurredAtMs }) as RecordedEvent,
  );
  const after = recorded.reduce<Payment | undefined>(apply, before);
  invariant(after !== undefined, `${streamId}: no state after its events`);
  return { before, after, events: recorded };
}

/** The transfers that the change posts. */
export function transfersOf(change: Change): readonly Transfer[] {
  return change.events.flatMap((event) => postings(change.after, event));
}

/** The operations that the change started or settled. */
export function changedOperations({ before, after }: Change): readonly Operation[] {
  if (before === undefined) return after.operations;
  return after.operations.filter((operation) => !before.operations.includes(operation));
}

/** The refunds that the change requested or settled. */
export function changedRefunds({ before, after }: Change): readonly Refund[] {
  if (before === undefined) return after.refunds;
  return after.refunds.filter((refund) => !before.refunds.includes(refund));
}

/** True when the payment waits for nobody but a worker: it must look at it (again). */
export function hasWork(payment: Payment): boolean {
  return payment.status === "new" || payment.operations.some(isOpen);
}
