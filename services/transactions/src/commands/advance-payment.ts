import type { OperationOutcome, PaymentCommand, PaymentEvent } from "@kassa/contracts/payment-events";
import type { Clock } from "@kassa/kernel/clock";
import { uuidv7 } from "@kassa/kernel/id";
import { append, type Change } from "../domain/change.ts";
import { begin, requestCancel, settleOperation } from "../domain/decide.ts";
import { isOpen, type Operation, type Payment } from "../domain/payment.ts";
import { resolveDelayMs, type Timer, timersOf } from "../domain/timers.ts";
import type { Item, PaymentStore, Provider, Screener } from "../ports.ts";

export type AdvanceDependencies = {
  readonly store: PaymentStore;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly screener: Screener;
  readonly clock: Clock;
  /** Milliseconds that one call to a provider may take, retries included. */
  readonly providerDeadlineMs: number;
  /** Milliseconds for which a provider keeps idempotency keys: after that nothing is ever sent again. */
  readonly providerKeyRetentionMs: number;
};

/** The consumer's name in the inbox. */
export const CONSUMER = "transactions.worker";

/** How often the stream may change under us while one message is handled. */
const MAX_CONFLICTS = 20;

/** A command names a payment that does not exist: it can never succeed. */
export class UnknownPayment extends Error {
  override readonly name = "UnknownPayment";
}

/**
 * Looks at a payment and does what its state asks for: screen and start it, call the provider for every open operation,
 * settle what a webhook told. The command only says that there is something to look at, so doing it twice does it once:
 * the operation's id is stored before its call, and the message's id is claimed in the same transaction as its effect.
 * @throws UnknownPayment, or what the store throws when the database is away (the message comes again)
 */
export async function advancePayment(
  dependencies: AdvanceDependencies,
  command: PaymentCommand,
  traceparent: string | undefined,
): Promise<void> {
  let payment = await load(dependencies, command);
  if (command.reason === "expire") payment = await expire(dependencies, payment, traceparent);
  if (payment.status === "new") payment = await start(dependencies, payment, command, traceparent);
  const outcomes = await callProvider(dependencies, payment, command);
  await settle(dependencies, payment, command, outcomes, traceparent);
}

async function load({ store }: AdvanceDependencies, command: PaymentCommand): Promise<Payment> {
  const payment = await store.load(command.merchant_id as Payment["merchantId"], command.payment_id as Payment["id"]);
  if (payment === undefined) throw new UnknownPayment(`no payment ${command.payment_id}`);
  return payment;
}

// Stores the operation before its call. A conflict means that a cancel came in between: decide again.
async function start(
  dependencies: AdvanceDependencies,
  payment: Payment,
  command: PaymentCommand,
  traceparent: string | undefined,
): Promise<Payment> {
  const { store, clock, screener } = dependencies;
  const { token, brand, bin, country } = payment.method;
  const screening = await screener.screen({
    payment_id: payment.id,
    merchant_id: payment.merchantId,
    amount: Number(payment.amountMinor),
    currency: payment.currency,
    token,
    brand,
    ...(bin === undefined ? {} : { bin }),
    ...(country === undefined ? {} : { country }),
  });
  let current = payment;
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt += 1) {
    const nowMs = clock.now();
    const events = begin(current, screening, uuidv7(nowMs));
    if (events.length === 0) return current;
    const change = append(current, events, nowMs);
    const outcome = await store.commit({ changes: [change], traceparent });
    if (outcome.kind === "committed") return change.after;
    current = await load(dependencies, command);
  }
  throw new Error(`${payment.id} changes faster than it can be started`);
}

async function expire(
  dependencies: AdvanceDependencies,
  payment: Payment,
  traceparent: string | undefined,
): Promise<Payment> {
  const { store, clock } = dependencies;
  const nowMs = clock.now();
  if (payment.status !== "authorized" || payment.expiresAtMs === undefined || payment.expiresAtMs > nowMs)
    return payment;
  const decision = requestCancel(payment, "expired", uuidv7(nowMs));
  if (!decision.ok || decision.value.length === 0) return payment;
  const change = append(payment, decision.value, nowMs);
  const outcome = await store.commit({ changes: [change], traceparent });
  // After a conflict the timer, which is still there, brings the payment here again.
  return outcome.kind === "committed" ? change.after : payment;
}

type SettledCall = { readonly operationId: string; readonly outcome: OperationOutcome };

async function callProvider(
  dependencies: AdvanceDependencies,
  payment: Payment,
  command: PaymentCommand,
): Promise<readonly SettledCall[]> {
  const told: SettledCall[] =
    command.operation_id !== undefined && command.outcome !== undefined
      ? [{ operationId: command.operation_id, outcome: command.outcome }]
      : [];
  const open = payment.operations.filter(
    (operation) => isOpen(operation) && !told.some(({ operationId }) => operationId === operation.id),
  );
  const called = await Promise.all(
    open.map(async (operation) => ({
      operationId: operation.id,
      outcome: await callOne(dependencies, payment, operation),
    })),
  );
  return [...told, ...called];
}

async function callOne(
  dependencies: AdvanceDependencies,
  payment: Payment,
  operation: Operation,
): Promise<OperationOutcome> {
  const provider = dependencies.providers.get(payment.provider);
  if (provider === undefined) return { result: "unknown", reason: "provider_not_configured" };
  const nowMs = dependencies.clock.now();
  const call = { operationId: operation.id, deadlineAtMs: Date.now() + dependencies.providerDeadlineMs };
  if (nowMs - operation.startedAtMs > dependencies.providerKeyRetentionMs) return provider.lookUp(call);
  const chargeReference = payment.providerReference ?? "";
  switch (operation.kind) {
    case "authorize": {
      const { amountMinor, currency, method, capture } = payment;
      return provider.authorize({
        ...call,
        amountMinor,
        currency,
        token: method.token,
        capture: capture === "automatic",
      });
    }
    case "capture":
      return provider.capture({ ...call, chargeReference, amountMinor: operation.amountMinor });
    case "void":
      return provider.void({ ...call, chargeReference });
    case "refund":
      return provider.refund({ ...call, chargeReference, amountMinor: operation.amountMinor });
  }
}

// The outcomes are facts: after a conflict they are laid on the new state, the calls are not made again.
async function settle(
  dependencies: AdvanceDependencies,
  loaded: Payment,
  command: PaymentCommand,
  outcomes: readonly SettledCall[],
  traceparent: string | undefined,
): Promise<void> {
  const { store, clock } = dependencies;
  let payment = loaded;
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt += 1) {
    const item = settlement(payment, command, outcomes, clock.now(), traceparent);
    const outcome = await store.commit(item);
    if (outcome.kind === "committed" || outcome.kind === "received") return;
    if (outcome.kind === "refused") throw new Error(`${payment.id}: the ledger refused: ${outcome.reason}`);
    payment = await load(dependencies, command);
  }
  throw new Error(`${payment.id} changes faster than it can be settled`);
}

function settlement(
  payment: Payment,
  command: PaymentCommand,
  outcomes: readonly SettledCall[],
  nowMs: number,
  traceparent: string | undefined,
): Item {
  let state = payment;
  const events: PaymentEvent[] = [];
  for (const { operationId, outcome } of outcomes) {
    const more = settleOperation(state, operationId, outcome, nowMs, uuidv7(nowMs));
    if (more.length === 0) continue;
    events.push(...more);
    state = append(state, more, nowMs).after;
  }
  const received = { consumer: CONSUMER, messageId: command.command_id };
  const attempt = command.attempt ?? 0;
  if (events.length === 0) {
    return { received, changes: [], timers: nextLook(payment, command, nowMs, attempt), traceparent };
  }
  const change = append(payment, events, nowMs);
  const timers = timersOf(payment, change.after, nowMs, attempt);
  return { received, changes: [change], commands: followUp(change, command), timers, traceparent };
}

// Nothing new is known of an operation: only its next look moves. A timer that has nothing to wait for goes.
function nextLook(payment: Payment, command: PaymentCommand, nowMs: number, attempt: number): readonly Timer[] {
  const { merchantId, id: paymentId } = payment;
  const timers: Timer[] = [];
  if (payment.operations.some(({ outcome }) => outcome === "unknown")) {
    const dueAtMs = nowMs + resolveDelayMs(attempt);
    timers.push({ merchantId, paymentId, kind: "resolve", dueAtMs, attempt: attempt + 1 });
  } else if (command.reason === "resolve" && !payment.operations.some(isOpen)) {
    timers.push({ merchantId, paymentId, kind: "resolve", dueAtMs: undefined, attempt: 0 });
  }
  if (command.reason === "expire" && payment.expiresAtMs === undefined) {
    timers.push({ merchantId, paymentId, kind: "expire", dueAtMs: undefined, attempt: 0 });
  }
  return timers;
}

// An operation that this change started (a void that waited for its authorization) gets a message of its own.
function followUp({ before, after }: Change, command: PaymentCommand): readonly PaymentCommand[] {
  const known = new Set(before?.operations.map(({ id }) => id));
  if (!after.operations.some((operation) => isOpen(operation) && !known.has(operation.id))) return [];
  const { payment_id, merchant_id } = command;
  return [{ command_id: `${payment_id}:${after.version}`, payment_id, merchant_id, reason: "requested" }];
}
