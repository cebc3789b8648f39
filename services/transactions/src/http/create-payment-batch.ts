import type { PaymentCommand } from "@kassa/contracts/payment-events";
import { type PaymentBody, PaymentRequest, paymentRoutes } from "@kassa/contracts/payment-routes";
import { Problem, type ProblemDocument } from "@kassa/contracts/problem";
import type { Uuid } from "@kassa/kernel/id";
import { type BoundRoute, bindRoute, compileValidator } from "@kassa/platform/http";
import { currentTraceparent } from "@kassa/platform/telemetry";
import { createPayment } from "../commands/create-payment.ts";
import type { Change } from "../domain/change.ts";
import { viewOf } from "../domain/view.ts";
import type { Item } from "../ports.ts";
import { fingerprint } from "./fingerprint.ts";
import { checkCurrency, methodOf, type PaymentDoor } from "./payment-door.ts";
import { presentPayment } from "./present.ts";
import { replay, reply } from "./reply.ts";

const ROUTE = paymentRoutes.createPaymentBatch.operationId;
/** How often the batch is put together anew. All that is taken falls out at once, so a round more means that somebody took another meanwhile. */
const MAX_ROUNDS = 20;

const validate = compileValidator(PaymentRequest);

type Accepted = { readonly status: 202; readonly payment: PaymentBody };
type Refused = { readonly status: number; readonly error: ProblemDocument };
type Prepared = { readonly change: Change; readonly command: PaymentCommand; readonly reference: string | undefined };
type Entry = Prepared | Refused;

/** POST /v1/payments/batch: all the valid payments and the stored answer commit together. */
export function createPaymentBatchRoute(door: PaymentDoor): BoundRoute {
  return bindRoute(paymentRoutes.createPaymentBatch, async (request) => {
    const { merchantId } = request.principal;
    const print = fingerprint(door.idempotencySecret, request.body);
    // A replay needs no provider, who may be away.
    const stored = await door.store.findAnswer(merchantId, ROUTE, request.idempotencyKey as string);
    if (stored !== undefined) return replay(stored, print);
    const payments = await Promise.all(
      request.body.payments.map((payment, index) =>
        prepare(door, merchantId, payment, request.deadlineAtMs).catch((error) =>
          refused(error, index, request.requestId),
        ),
      ),
    );
    let prepared = refuseTaken(payments, new Set(), request.requestId);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const item = batchItem(merchantId, request.idempotencyKey as string, print, prepared);
      const outcome = await door.store.commit(item);
      if (outcome.kind !== "taken") return reply(outcome, print, { status: 200, answer: item.claim?.answer ?? "" });
      const wanted = (item.uniqueReferences ?? []).map(({ reference }) => reference);
      const taken = await door.store.findTaken(merchantId, wanted);
      prepared = refuseTaken(prepared, new Set([...taken, outcome.reference]), request.requestId);
    }
    throw new Problem("unavailable", "The batch could not be stored; try again.", { retryAfterS: 1 });
  });
}

async function prepare(door: PaymentDoor, merchantId: Uuid, payment: unknown, deadlineAtMs: number): Promise<Prepared> {
  const request = validate(payment) as PaymentRequest;
  checkCurrency(request.currency);
  if (typeof request.payment_method !== "string") {
    throw new Problem("invalid_request", "A batch takes tokens only; tokenise cards one by one.", {
      param: "payment_method",
    });
  }
  const method = await methodOf(door.vault, request, deadlineAtMs);
  const nowMs = door.clock.now();
  const made = createPayment({ merchantId, request, method, provider: door.provider, nowMs });
  return { ...made, reference: request.reference_unique === true ? request.reference : undefined };
}

/** The items without those whose unique reference is taken, by an earlier payment or by an item before it. */
function refuseTaken(items: readonly Entry[], taken: ReadonlySet<string>, requestId: string): readonly Entry[] {
  const gone = new Set(taken);
  return items.map((each, index) => {
    if (!("change" in each) || each.reference === undefined) return each;
    if (!gone.has(each.reference)) {
      gone.add(each.reference);
      return each;
    }
    const detail = `The reference ${each.reference} belongs to another payment of yours.`;
    return refused(new Problem("reference_taken", detail, { param: "reference" }), index, requestId);
  });
}

// A provider that is away is no fault of the item: the whole request is to be repeated, so nothing is stored.
function refused(error: unknown, index: number, requestId: string): Refused {
  if (!(error instanceof Problem) || error.status >= 500) throw error;
  const document = error.document(requestId);
  const param = error.param === undefined ? `payments.${index}` : `payments.${index}.${error.param}`;
  return { status: error.status, error: { ...document, param } };
}

function batchItem(merchantId: Uuid, key: string, print: Buffer, prepared: readonly Entry[]): Item {
  const results = prepared.map((each): Accepted | Refused =>
    "change" in each ? { status: 202, payment: presentPayment(viewOf(each.change.after)) } : each,
  );
  const valid = prepared.filter((each) => "change" in each);
  return {
    claim: { merchantId, route: ROUTE, key, fingerprint: print, status: 200, answer: JSON.stringify({ results }) },
    uniqueReferences: valid.flatMap(({ reference, change }) =>
      reference === undefined ? [] : [{ merchantId, reference, paymentId: change.after.id }],
    ),
    changes: valid.map(({ change }) => change),
    commands: valid.map(({ command }) => command),
    traceparent: currentTraceparent(),
  };
}
