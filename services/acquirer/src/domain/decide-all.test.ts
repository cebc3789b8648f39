import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Charge } from "./charge.ts";
import { type BatchState, decideAll } from "./decide-all.ts";
import type { DecisionContext } from "./decision.ts";
import type { CompletionRequest, OperationRequest } from "./request.ts";
import { testCards } from "./test-cards.ts";

const context: DecisionContext = { nowMs: 1e12, webhookMode: "all", lateLookUpMs: 10, completionMs: 10, disputeMs: 10 };

const charges = fc.constantFrom("ch_1", "ch_2");
const amounts = fc.integer({ min: 1, max: 12 });
const keys = fc.integer({ min: 1, max: 30 }).map((n) => `key-${n}`);
const tokens = fc.constantFrom(...testCards.map(({ token }) => token), "tok_none");

const requests: fc.Arbitrary<OperationRequest | CompletionRequest> = fc
  .record({
    kind: fc.constantFrom("authorize", "capture", "void", "refund", "complete"),
    key: keys,
    chargeId: charges,
    amount: amounts,
    token: tokens,
    capture: fc.boolean(),
  })
  .map(({ kind, ...rest }) => {
    const fingerprint = JSON.stringify([kind, rest]);
    const made = {
      ...rest,
      kind,
      fingerprint,
      operationId: `op-${rest.key}`,
      currency: "EUR",
      refundId: `rf-${rest.key}`,
    };
    // A new charge needs a new id.
    return (kind === "authorize" ? { ...made, chargeId: `${rest.chargeId}-${rest.key}` } : made) as OperationRequest;
  });

function emptyState(): BatchState {
  return { operations: new Map(), charges: new Map(), refunds: new Map(), cards: new Map() };
}

function withCharge(...made: Charge[]): BatchState {
  return { ...emptyState(), charges: new Map(made.map((charge) => [charge.id, charge])) };
}

const authorized: Charge = {
  id: "ch_1",
  status: "authorized",
  amount: 10,
  amountCaptured: 0,
  amountRefunded: 0,
  currency: "EUR",
  behaviour: "approve",
  capturesAtOnce: false,
  operationId: "op",
  decline: null,
  createdAtMs: 0,
};

describe("decideAll", () => {
  it("whatever is asked, refunded <= captured <= authorized, and the lines of the report are what moved", () => {
    fc.assert(
      fc.property(
        fc.array(requests, { maxLength: 60 }),
        fc.constantFrom("approve", "refund_fail"),
        (all, behaviour) => {
          const state = withCharge(
            { ...authorized, behaviour },
            { ...authorized, id: "ch_2", behaviour: "refund_pending" },
          );
          const { changes, outcomes } = decideAll(all, state, context);
          assert.equal(outcomes.length, all.length);
          for (const charge of state.charges.values()) {
            assert.ok(charge.amountRefunded >= 0 && charge.amountRefunded <= charge.amountCaptured);
            assert.ok(charge.amountCaptured <= charge.amount);
            const moved = changes.movements.filter(({ chargeId }) => chargeId === charge.id);
            assert.equal(sum(moved.filter(({ kind }) => kind === "capture")), charge.amountCaptured);
            assert.ok(sum(moved.filter(({ kind }) => kind === "refund")) <= charge.amountRefunded);
          }
          assert.equal(new Set(changes.made.map(({ key }) => key)).size, changes.made.length);
          const messages = changes.webhooks.map(({ id, copy }) => `${id} ${copy}`);
          assert.equal(new Set(messages).size, messages.length);
        },
      ),
    );
  });

  it("within one batch the first of a key is made, equal ones are replays, others are refused", () => {
    const request = {
      kind: "refund",
      key: "k",
      fingerprint: "a",
      operationId: "o",
      chargeId: "ch_1",
      refundId: "r",
      amount: 1,
    };
    const refund = request as OperationRequest;
    const state = withCharge({ ...authorized, status: "captured", amountCaptured: 10 });
    const { outcomes } = decideAll([refund, refund, { ...refund, fingerprint: "b" }], state, context);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["made", "replayed", "key_reused"],
    );
    assert.equal(state.charges.get("ch_1")?.amountRefunded, 1);
  });
});

function sum(movements: readonly { readonly amount: number }[]): number {
  return movements.reduce((total, { amount }) => total + amount, 0);
}
