import { authorize } from "./authorize.ts";
import type { AnswerWay } from "./behaviour.ts";
import { behaviourNamed } from "./behaviour.ts";
import type { Charge, Movement, Refund } from "./charge.ts";
import { complete } from "./complete.ts";
import type { Decision, DecisionContext } from "./decision.ts";
import { followUp } from "./follow-up.ts";
import type { Operation } from "./operation.ts";
import type { CompletionRequest, OperationRequest } from "./request.ts";
import { type Card, cardOfStaticToken } from "./test-cards.ts";
import { type WebhookMessage, webhookId } from "./webhook-message.ts";

/** What the requests of a batch touch, as it stands before them; each decision brings it up to date for the next. */
export type BatchState = {
  /** By idempotency key. */
  readonly operations: Map<string, Operation>;
  readonly charges: Map<string, Charge>;
  readonly refunds: Map<string, Refund>;
  /** By token; static tokens need not be here. */
  readonly cards: ReadonlyMap<string, Card>;
};

/** What became of one request of a batch. */
export type Outcome =
  /** Made, or refused for good. `messageId`: of the webhook that would tell of it. */
  | { readonly kind: "made"; readonly operation: Operation; readonly way: AnswerWay; readonly messageId: string }
  /** The key came before with this request. */
  | { readonly kind: "replayed"; readonly operation: Operation }
  /** The key came before with another request. */
  | { readonly kind: "key_reused" }
  /** A completion: done now, or nothing was left to do. */
  | { readonly kind: "completed" };

/** All that a batch writes. */
export type BatchChanges = {
  readonly made: Operation[];
  readonly ended: Operation[];
  /** By id, as they stand after the batch. */
  readonly charges: Map<string, Charge>;
  readonly refunds: Map<string, Refund>;
  readonly movements: Movement[];
  readonly webhooks: WebhookMessage[];
  readonly completions: { readonly key: string; readonly chargeId: string; readonly dueAtMs: number }[];
};

/** Decides the requests one after the other, each upon what those before it left. */
export function decideAll(
  requests: readonly (OperationRequest | CompletionRequest)[],
  state: BatchState,
  context: DecisionContext,
): { readonly outcomes: Outcome[]; readonly changes: BatchChanges } {
  const changes: BatchChanges = {
    made: [],
    ended: [],
    charges: new Map(),
    refunds: new Map(),
    movements: [],
    webhooks: [],
    completions: [],
  };
  const outcomes = requests.map((request) =>
    request.kind === "complete"
      ? decideCompletion(request, state, changes, context)
      : decideOperation(request, state, changes, context),
  );
  return { outcomes, changes };
}

function decideOperation(
  request: OperationRequest,
  state: BatchState,
  changes: BatchChanges,
  context: DecisionContext,
): Outcome {
  const earlier = state.operations.get(request.key);
  if (earlier !== undefined) {
    return earlier.fingerprint === request.fingerprint
      ? { kind: "replayed", operation: earlier }
      : { kind: "key_reused" };
  }
  const decision =
    request.kind === "authorize"
      ? authorize(request, cardOfStaticToken(request.token) ?? state.cards.get(request.token), context)
      : followUp(request, state.charges.get(request.chargeId), context);
  record(decision, state, changes);
  changes.made.push(decision.operation);
  const { operation, completeAtMs } = decision;
  if (completeAtMs !== null) {
    changes.completions.push({ key: operation.key, chargeId: operation.chargeId, dueAtMs: completeAtMs });
  }
  return { kind: "made", operation, way: wayOf(operation, state), messageId: webhookId(operation) };
}

// A refusal did nothing that an answer could lose.
function wayOf(operation: Operation, state: BatchState): AnswerWay {
  const charge = state.charges.get(operation.chargeId);
  if (!operation.answer.ok || charge === undefined) return "at_once";
  return behaviourNamed(charge.behaviour).answers[operation.kind] ?? "at_once";
}

function decideCompletion(
  request: CompletionRequest,
  state: BatchState,
  changes: BatchChanges,
  context: DecisionContext,
): Outcome {
  const operation = state.operations.get(request.key);
  const charge = state.charges.get(request.chargeId);
  if (operation?.result === "pending" && charge !== undefined) {
    const decision = complete(operation, charge, state.refunds.get(operation.subjectId), context);
    record(decision, state, changes);
    changes.ended.push(decision.operation);
  }
  return { kind: "completed" };
}

function record(decision: Decision, state: BatchState, changes: BatchChanges): void {
  const { operation, charge, refund } = decision;
  state.operations.set(operation.key, operation);
  if (charge !== null) {
    state.charges.set(charge.id, charge);
    changes.charges.set(charge.id, charge);
  }
  if (refund !== null) {
    state.refunds.set(refund.id, refund);
    changes.refunds.set(refund.id, refund);
  }
  changes.movements.push(...decision.movements);
  changes.webhooks.push(...decision.webhooks);
}
