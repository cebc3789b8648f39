import type { PaymentCommand, PaymentEvent } from "@kassa/contracts/payment-events";
import { Problem } from "@kassa/contracts/problem";
import type { Uuid } from "@kassa/kernel/id";
import { append } from "../domain/change.ts";
import type { Decision, Refusal } from "../domain/decide.ts";
import type { Payment } from "../domain/payment.ts";
import type { CommitOutcome, IdempotencyClaim, PaymentStore } from "../ports.ts";

/** How often a command is decided anew because somebody else appended to its stream meanwhile. */
const MAX_CONFLICTS = 20;

export type Amendment = {
  readonly merchantId: Uuid;
  readonly paymentId: Uuid;
  /** `capture`, `cancel` or `refund`: recorded when the payment's status does not allow it. */
  readonly name: string;
  readonly decide: (payment: Payment) => Decision;
  readonly accepted: (after: Payment) => Pick<IdempotencyClaim, "status" | "answer">;
  readonly refused: (refusal: Refusal) => Pick<IdempotencyClaim, "status" | "answer">;
  readonly claim: Pick<IdempotencyClaim, "route" | "key" | "fingerprint">;
  readonly traceparent: string | undefined;
  readonly nowMs: number;
};

export type Amended = { readonly outcome: CommitOutcome; readonly status: number; readonly answer: string };

/**
 * One request on an existing payment: decides on its events, stores the wish with its answer and sends a worker. A refusal
 * is stored too, and an impossible transition is recorded in the stream.
 * @throws Problem not_found; unavailable when the payment changes faster than we can decide
 */
export async function amendPayment(store: PaymentStore, amendment: Amendment): Promise<Amended> {
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt += 1) {
    const payment = await store.load(amendment.merchantId, amendment.paymentId);
    if (payment === undefined) throw new Problem("not_found", "You have no payment with this id.");
    const decision = amendment.decide(payment);
    const result = decision.ok
      ? await accept(store, amendment, payment, decision.value)
      : await refuse(store, amendment, payment, decision.error);
    if (result.outcome.kind === "refused") {
      const detail = "The available balance does not cover this refund.";
      return refuse(store, amendment, payment, { code: "insufficient_funds", detail });
    }
    if (result.outcome.kind !== "conflict") return result;
  }
  throw new Problem("unavailable", "The payment is changing too quickly; try again.", { retryAfterS: 1 });
}

async function accept(
  store: PaymentStore,
  amendment: Amendment,
  payment: Payment,
  events: readonly PaymentEvent[],
): Promise<Amended> {
  const { merchantId, traceparent } = amendment;
  if (events.length === 0) {
    const reply = amendment.accepted(payment);
    const claim = { ...amendment.claim, ...reply, merchantId };
    return { ...reply, outcome: await store.commit({ claim, changes: [], traceparent }) };
  }
  const change = append(payment, events, amendment.nowMs);
  const reply = amendment.accepted(change.after);
  const command: PaymentCommand = {
    command_id: `${payment.id}:${change.after.version}`,
    payment_id: payment.id,
    merchant_id: merchantId,
    reason: "requested",
  };
  const claim = { ...amendment.claim, ...reply, merchantId };
  return { ...reply, outcome: await store.commit({ claim, changes: [change], commands: [command], traceparent }) };
}

async function refuse(store: PaymentStore, amendment: Amendment, payment: Payment, refusal: Refusal): Promise<Amended> {
  const { merchantId, traceparent } = amendment;
  const reply = amendment.refused(refusal);
  const claim = { ...amendment.claim, ...reply, merchantId };
  const event: PaymentEvent = {
    type: "transition.refused",
    data: { command: amendment.name, status: payment.status, code: refusal.code },
  };
  const changes = refusal.code === "invalid_state" ? [append(payment, [event], amendment.nowMs)] : [];
  return { ...reply, outcome: await store.commit({ claim, changes, traceparent }) };
}
