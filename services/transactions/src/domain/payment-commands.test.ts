import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationOutcome, PaymentEvent, Screening } from "@kassa/contracts/payment-events";
import { InvariantViolation } from "@kassa/kernel/assert";
import { uuidv7 } from "@kassa/kernel/id";
import { append, begin as beginStream } from "./change.ts";
import { begin, type Decision, requestCancel, requestCapture, requestRefund, settleOperation } from "./decide.ts";
import { type Payment, type PaymentStatus, transitions } from "./payment.ts";

const NOW_MS = 1_767_225_600_000;
const AMOUNT = 1_000;
const id = () => uuidv7(NOW_MS);

const allow: Screening = { decision: "allow", reasons: [], rule_set: "test", fallback: false };
const deny: Screening = { ...allow, decision: "deny" };
const succeeded: OperationOutcome = { result: "succeeded", provider_reference: "ch_1" };
const failed: OperationOutcome = { result: "failed", code: "card_declined" };
const unknown: OperationOutcome = { result: "unknown", reason: "timed_out" };

function created(capture: "automatic" | "manual"): Payment {
  const data = {
    amount: AMOUNT,
    currency: "EUR",
    capture,
    payment_method: { token: "pm_card_visa", brand: "visa", last4: "4242" },
    provider: "acquirer",
    reference: null,
    metadata: {},
  };
  return beginStream(id(), id(), [{ type: "payment.created", data }], NOW_MS).after;
}

function after(payment: Payment, events: readonly PaymentEvent[]): Payment {
  return events.length === 0 ? payment : append(payment, events, NOW_MS).after;
}

function granted(payment: Payment, decision: Decision): Payment {
  assert.ok(decision.ok);
  return after(payment, decision.value);
}

/** Tells the newest operation's outcome. */
function told(payment: Payment, outcome: OperationOutcome): Payment {
  const operation = payment.operations.at(-1);
  assert.ok(operation);
  return after(payment, settleOperation(payment, operation.id, outcome, NOW_MS, id()));
}

const started = (payment: Payment) => after(payment, begin(payment, allow, id()));
const authorized = told(started(created("manual")), succeeded);
const completed = told(started(created("automatic")), succeeded);
const captureAsked = granted(authorized, requestCapture(authorized, 400n, id()));
const cancelAsked = granted(authorized, requestCancel(authorized, "requested", id()));
const processing = started(created("automatic"));
const processingCanceled = granted(processing, requestCancel(processing, "requested", id()));
const refundAsked = granted(completed, requestRefund(completed, 600n, id(), id()));

/** Every place a payment can stand in, by name. */
const states = {
  new: created("automatic"),
  "new, cancel wished": granted(created("manual"), requestCancel(created("manual"), "requested", id())),
  processing,
  "processing, outcome unknown": told(processing, unknown),
  "processing, cancel wished": processingCanceled,
  authorized,
  "authorized, capture open": captureAsked,
  "authorized, capture failed": told(captureAsked, failed),
  "authorized, void open": cancelAsked,
  "authorized, void failed": told(cancelAsked, failed),
  completed,
  "completed, captured in part": told(captureAsked, succeeded),
  "completed, refund open": refundAsked,
  "completed, refunded in part": told(refundAsked, succeeded),
  "completed, refund failed": told(refundAsked, failed),
  failed: told(processing, failed),
  "failed, cancel wished before": told(processingCanceled, failed),
  canceled: told(cancelAsked, succeeded),
} satisfies Record<string, Payment>;

type Commands = { begin: string; deny: string; capture: string; "capture 400": string; cancel: string; refund: string };

const no = "invalid_state";
const busy = "capture_unresolved";
/** What each command makes of each state: the events, nothing (""), or the code it is refused with. */
const table: Record<keyof typeof states, Commands> = {
  new: row("payment.processing", "payment.failed", no, no, "cancel.requested", no),
  "new, cancel wished": row("payment.canceled", "payment.canceled", no, no, "", no),
  processing: row("", "", no, no, "cancel.requested", no),
  "processing, outcome unknown": row("", "", no, no, "cancel.requested", no),
  "processing, cancel wished": row("", "", no, no, "", no),
  authorized: row("", "", "capture.requested", "capture.requested", "cancel.requested", no),
  "authorized, capture open": row("", "", busy, busy, busy, busy),
  "authorized, capture failed": row("", "", "capture.requested", "capture.requested", "cancel.requested", no),
  "authorized, void open": row("", "", no, no, "", no),
  "authorized, void failed": row("", "", "capture.requested", "capture.requested", "cancel.requested", no),
  completed: row("", "", no, no, no, "refund.requested"),
  "completed, captured in part": row("", "", no, no, no, "refund.requested"),
  "completed, refund open": row("", "", no, no, no, "refund.requested"),
  "completed, refunded in part": row("", "", no, no, no, "refund.requested"),
  "completed, refund failed": row("", "", no, no, no, "refund.requested"),
  failed: row("", "", no, no, no, no),
  "failed, cancel wished before": row("", "", no, no, no, no),
  canceled: row("", "", no, no, no, no),
};

function row(
  ...[begun, denied, capture, part, cancel, refund]: [string, string, string, string, string, string]
): Commands {
  return { begin: begun, deny: denied, capture, "capture 400": part, cancel, refund };
}

const commands: { readonly [C in keyof Commands]: (payment: Payment) => Decision } = {
  begin: (payment) => ({ ok: true, value: begin(payment, allow, id()) }),
  deny: (payment) => ({ ok: true, value: begin(payment, deny, id()) }),
  capture: (payment) => requestCapture(payment, undefined, id()),
  "capture 400": (payment) => requestCapture(payment, 400n, id()),
  cancel: (payment) => requestCancel(payment, "requested", id()),
  refund: (payment) => requestRefund(payment, undefined, id(), id()),
};

function said(decision: Decision): string {
  return decision.ok ? decision.value.map(({ type }) => type).join(" ") : decision.error.code;
}

for (const [name, payment] of Object.entries(states)) {
  test(`a payment that is ${name} takes each command as the table says`, () => {
    const row = table[name as keyof typeof states];
    assert.equal(payment.status, name.split(",")[0]);
    for (const [command, decide] of Object.entries(commands)) {
      assert.equal(said(decide(payment)), row[command as keyof Commands], command);
    }
  });
}

test("an event that leads where the status cannot go is never applied", () => {
  const makes: Partial<Record<PaymentStatus, PaymentEvent>> = {
    processing: { type: "payment.processing", data: { operation_id: id(), screening: allow } },
    failed: { type: "payment.failed", data: { code: "fraud_denied" } },
    canceled: { type: "payment.canceled", data: { reason: "requested" } },
    completed: {
      type: "payment.completed",
      data: { operation_id: id(), amount_captured: AMOUNT, amount_released: 0 },
    },
  };
  for (const payment of Object.values(states)) {
    for (const [status, event] of Object.entries(makes)) {
      if (transitions[payment.status].includes(status as PaymentStatus)) continue;
      assert.throws(() => after(payment, [event]), InvariantViolation, `${payment.status} > ${status}`);
    }
  }
});

test("a capture or refund of more than is left is refused, of exactly what is left granted", () => {
  assert.equal(said(requestCapture(authorized, 1_001n, id())), "amount_too_large");
  assert.equal(said(requestCapture(authorized, 1_000n, id())), "capture.requested");
  assert.equal(said(requestRefund(refundAsked, 401n, id(), id())), "amount_too_large");
  assert.equal(said(requestRefund(refundAsked, 400n, id(), id())), "refund.requested");
  assert.equal(said(requestRefund(states["completed, refund failed"], 1_000n, id(), id())), "refund.requested");
  const emptied = granted(refundAsked, requestRefund(refundAsked, 400n, id(), id()));
  assert.equal(said(requestRefund(emptied, undefined, id(), id())), "amount_too_large");
});

test("a wish to cancel that comes while the provider authorizes is obeyed when money is only reserved", () => {
  const manual = started(created("manual"));
  const wished = granted(manual, requestCancel(manual, "requested", id()));
  const voiding = told(wished, succeeded);
  assert.deepEqual([voiding.status, voiding.operations.at(-1)?.kind], ["authorized", "void"]);
  assert.equal(told(voiding, succeeded).status, "canceled");
});

test("a wish to cancel that comes too late for an automatic capture is refused in the stream", () => {
  const late = settleOperation(processingCanceled, processingCanceled.operations[0]?.id ?? "", succeeded, NOW_MS, id());
  assert.deepEqual(
    late.map(({ type }) => type),
    ["payment.authorized", "payment.completed", "transition.refused"],
  );
  assert.equal(after(processingCanceled, late).cancelRequested, undefined);
});
