import assert from "node:assert/strict";
import { test } from "node:test";
import { type OperationOutcome, type PaymentEvent, paymentEventSchemas } from "@kassa/contracts/payment-events";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import fc from "fast-check";
import Compile from "typebox/compile";
import { apply, fold } from "./apply.ts";
import { append, begin as beginStream, type Change, transfersOf } from "./change.ts";
import {
  AUTHORIZATION_LIFETIME_MS,
  begin,
  type Decision,
  requestCancel,
  requestCapture,
  requestRefund,
  settleOperation,
} from "./decide.ts";
import { isOpen, isTerminal, type OperationKind, type Payment } from "./payment.ts";

/** The state machine once more, written down apart from the code's own table. */
const allowedSteps = new Set([
  "new>processing",
  "new>failed",
  "new>canceled",
  "processing>authorized",
  "processing>failed",
  "processing>canceled",
  "authorized>completed",
  "authorized>canceled",
  "authorized>failed",
]);

const validators = Object.fromEntries(
  Object.entries(paymentEventSchemas).map(([type, schema]) => [type, Compile(schema)] as const),
);

type Step =
  | { readonly do: "begin"; readonly decision: "allow" | "review" | "deny" }
  | { readonly do: "settle"; readonly pick: number; readonly outcome: OperationOutcome }
  | { readonly do: "settle stranger"; readonly outcome: OperationOutcome }
  | { readonly do: "capture" | "refund"; readonly amountMinor: bigint | undefined }
  | { readonly do: "cancel" }
  | { readonly do: "expire"; readonly afterMs: number };

const outcomes: fc.Arbitrary<OperationOutcome> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ result: "succeeded", provider_reference: "ch_1" } as const) },
  { weight: 2, arbitrary: fc.constant({ result: "unknown", reason: "timed_out" } as const) },
  {
    weight: 1,
    arbitrary: fc.constant({ result: "failed", code: "card_declined", decline_code: "lost_card" } as const),
  },
  { weight: 1, arbitrary: fc.constant({ result: "failed", code: "refund_failed" } as const) },
);

const asked = fc.option(fc.bigInt(1n, 1_200n), { nil: undefined });

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("begin" as const), decision: fc.constantFrom("allow", "allow", "review", "deny") }),
  // A pick beyond the newest operations settles an old one again, as a webhook that comes twice does.
  { weight: 5, arbitrary: fc.record({ do: fc.constant("settle" as const), pick: fc.nat(6), outcome: outcomes }) },
  fc.record({ do: fc.constant("settle stranger" as const), outcome: outcomes }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("capture" as const), amountMinor: asked }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("refund" as const), amountMinor: asked }) },
  fc.record({ do: fc.constant("cancel" as const) }),
  fc.record({ do: fc.constant("expire" as const), afterMs: fc.constantFrom(0, AUTHORIZATION_LIFETIME_MS) }),
);

const stories = fc.record({
  amountMinor: fc.bigInt(1n, 1_000n),
  capture: fc.constantFrom("automatic", "manual"),
  steps: fc.array(steps, { maxLength: 40, size: "max" }),
});

const START_MS = 1_767_225_600_000;

/** One payment under a sequence of commands; every change it goes through is checked. */
class Story {
  readonly changes: Change[] = [];
  nowMs = START_MS;
  #payment: Payment;

  constructor(amountMinor: bigint, capture: "automatic" | "manual") {
    const data = {
      amount: Number(amountMinor),
      currency: "EUR",
      capture,
      payment_method: { token: "pm_card_visa", brand: "visa", last4: "4242" },
      provider: "acquirer",
      reference: null,
      metadata: {},
    };
    const created: PaymentEvent = { type: "payment.created", data };
    const change = beginStream(this.#id(), this.#id(), [created], this.nowMs);
    this.changes.push(change);
    this.#payment = change.after;
  }

  get payment(): Payment {
    return this.#payment;
  }

  play(step: Step): void {
    this.nowMs += 1_000;
    const events = this.#decide(step);
    if (events.length === 0) return;
    const change = append(this.#payment, events, this.nowMs);
    this.changes.push(change);
    this.#payment = change.after;
  }

  #decide(step: Step): readonly PaymentEvent[] {
    const payment = this.#payment;
    switch (step.do) {
      case "begin": {
        const screening = { decision: step.decision, reasons: [], rule_set: "test", fallback: false };
        return begin(payment, screening, this.#id());
      }
      case "settle": {
        const operation = payment.operations.toReversed()[step.pick];
        return operation === undefined
          ? []
          : settleOperation(payment, operation.id, step.outcome, this.nowMs, this.#id());
      }
      case "settle stranger":
        return settleOperation(payment, this.#id(), step.outcome, this.nowMs, this.#id());
      case "capture":
        return this.#record("capture", requestCapture(payment, step.amountMinor, this.#id()));
      case "refund":
        return this.#record("refund", requestRefund(payment, step.amountMinor, this.#id(), this.#id()));
      case "cancel":
        return this.#record("cancel", requestCancel(payment, "requested", this.#id()));
      case "expire": {
        this.nowMs += step.afterMs;
        if (payment.expiresAtMs === undefined || payment.expiresAtMs > this.nowMs) return [];
        const decision = requestCancel(payment, "expired", this.#id());
        return decision.ok ? decision.value : [];
      }
    }
  }

  // As the commands do: what the status does not allow is recorded in the stream.
  #record(command: string, decision: Decision): readonly PaymentEvent[] {
    if (decision.ok) return decision.value;
    const { code } = decision.error;
    if (code !== "invalid_state") return [];
    return [{ type: "transition.refused", data: { command, status: this.#payment.status, code } }];
  }

  #id(): Uuid {
    return uuidv7(this.nowMs);
  }
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function assertMoney({ amountMinor, capturedMinor, refundedMinor, refunds }: Payment): void {
  const pending = sum(refunds.filter(({ status }) => status === "pending").map((refund) => refund.amountMinor));
  const succeeded = sum(refunds.filter(({ status }) => status === "succeeded").map((refund) => refund.amountMinor));
  assert.ok(capturedMinor >= 0n && capturedMinor <= amountMinor, "captured within the amount");
  assert.ok(refundedMinor + pending <= capturedMinor, "refunded and pending refunds within what was captured");
  assert.equal(refundedMinor, succeeded);
}

function assertSteps(changes: readonly Change[]): void {
  let before: Payment | undefined;
  for (const event of changes.flatMap(({ events }) => events)) {
    const after = apply(before, event);
    if (before !== undefined && before.status !== after.status) {
      const step = `${before.status}>${after.status}`;
      assert.ok(allowedSteps.has(step) && !isTerminal(before.status), `${event.type} took ${step}`);
    }
    before = after;
  }
}

function assertOperations({ operations }: Payment): void {
  for (const kind of ["authorize", "capture", "void"] satisfies OperationKind[]) {
    const open = operations.filter((operation) => operation.kind === kind && isOpen(operation));
    assert.ok(open.length <= 1, `${open.length} open operations of kind ${kind}`);
  }
  const moving = operations.filter(({ kind, outcome }) => kind === "capture" && outcome === "succeeded");
  assert.ok(moving.length <= 1, "captured once");
}

function assertBooks(changes: readonly Change[], payment: Payment): void {
  const books = { net: 0n, held: 0n };
  const ids = new Set<string>();
  for (const { id, kind, debit, credit, amountMinor } of changes.flatMap(transfersOf)) {
    assert.ok(!ids.has(id), "a transfer's id is used once");
    ids.add(id);
    assert.notDeepEqual(debit, credit);
    if (kind === "post") books.net += amountMinor;
    if (kind === "settle") books.net -= amountMinor;
    if (kind === "hold") books.held += amountMinor;
    if (kind === "settle" || kind === "release") books.held -= amountMinor;
  }
  const pending = sum(payment.refunds.filter(({ status }) => status === "pending").map((refund) => refund.amountMinor));
  assert.equal(books.net, payment.capturedMinor - payment.refundedMinor, "postings are what was captured and kept");
  assert.equal(books.held, pending, "holds are the pending refunds");
}

test("whatever is asked and answered in whatever order, money stays within its bounds and the books follow", () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(stories, ({ amountMinor, capture, steps: all }) => {
      const story = new Story(amountMinor, capture);
      for (const step of all) {
        story.play(step);
        assertMoney(story.payment);
        assertOperations(story.payment);
        assertBooks(story.changes, story.payment);
        reached.add(story.payment.status);
      }
      for (const { events } of story.changes) for (const { type } of events) reached.add(type);
      assertSteps(story.changes);
    }),
    { numRuns: 1_500, examples: storyExamples() },
  );
  // The stories reach every status and every event, or the properties above would say little.
  const missing = [...Object.keys(paymentEventSchemas), "completed", "failed", "canceled"].filter(
    (name) => !reached.has(name),
  );
  assert.deepEqual(missing, []);
});

test("the events written are the state decided on, at every point of every story", () => {
  fc.assert(
    fc.property(stories, ({ amountMinor, capture, steps: all }) => {
      const story = new Story(amountMinor, capture);
      for (const step of all) story.play(step);
      const events = story.changes.flatMap((change) => change.events);
      for (const { after } of story.changes) assert.deepEqual(fold(events.slice(0, after.version)), after);
      assert.deepEqual(
        events.map(({ version }) => version),
        events.map((_, index) => index + 1),
      );
    }),
    { numRuns: 500 },
  );
});

test("every event of every story fits its published schema", () => {
  fc.assert(
    fc.property(stories, ({ amountMinor, capture, steps: all }) => {
      const story = new Story(amountMinor, capture);
      for (const step of all) story.play(step);
      for (const { type, data } of story.changes.flatMap(({ events }) => events)) {
        assert.ok(validators[type]?.Check(data), `${type}: ${JSON.stringify(data)}`);
      }
    }),
    { numRuns: 300 },
  );
});

test("an outcome told a second time, or another one after it, changes nothing", () => {
  fc.assert(
    fc.property(stories, outcomes, ({ amountMinor, capture, steps: all }, again) => {
      const story = new Story(amountMinor, capture);
      for (const step of all) story.play(step);
      for (const { id, outcome } of story.payment.operations) {
        if (outcome === "pending" || (outcome === "unknown" && again.result !== "unknown")) continue;
        assert.deepEqual(settleOperation(story.payment, id, again, story.nowMs, id), []);
      }
    }),
    { numRuns: 500 },
  );
});

function storyExamples(): [StoryInput][] {
  const yes: OperationOutcome = { result: "succeeded", provider_reference: "ch_1" };
  const no: OperationOutcome = { result: "failed", code: "charge_voided" };
  const allow: Step = { do: "begin", decision: "allow" };
  const won: Step = { do: "settle", pick: 0, outcome: yes };
  const lost: Step = { do: "settle", pick: 0, outcome: no };
  const manual = { amountMinor: 1_000n, capture: "manual" as const };
  const authorized = [allow, won];
  return [
    [{ ...manual, steps: [...authorized, { do: "capture", amountMinor: 400n }, won] }],
    [{ ...manual, steps: [...authorized, { do: "capture", amountMinor: 400n }, lost, { do: "cancel" }, won] }],
    [
      {
        ...manual,
        steps: [...authorized, { do: "cancel" }, lost, { do: "expire", afterMs: AUTHORIZATION_LIFETIME_MS }],
      },
    ],
    [{ ...manual, steps: [allow, { do: "cancel" }, won, won] }],
  ];
}

type StoryInput = { amountMinor: bigint; capture: "automatic" | "manual"; steps: Step[] };
