import { paymentRoutes } from "@kassa/contracts/payment-routes";
import { Problem } from "@kassa/contracts/problem";
import { parsePublicId, type Uuid, uuidv7 } from "@kassa/kernel/id";
import { type BoundRoute, bindRoute, type HttpResponse } from "@kassa/platform/http";
import { currentTraceparent } from "@kassa/platform/telemetry";
import { amendPayment } from "../commands/amend-payment.ts";
import { type Decision, type Refusal, requestCancel, requestCapture, requestRefund } from "../domain/decide.ts";
import type { Payment } from "../domain/payment.ts";
import { refundViewsOf, viewOf } from "../domain/view.ts";
import { awaitPayment, awaitRefund } from "./await-outcome.ts";
import { fingerprint } from "./fingerprint.ts";
import type { PaymentDoor } from "./payment-door.ts";
import { presentPayment, presentRefund } from "./present.ts";
import { reply } from "./reply.ts";

/** POST /v1/payments/{id}/capture */
export function capturePaymentRoute(door: PaymentDoor): BoundRoute {
  return bindRoute(paymentRoutes.capturePayment, async (request) => {
    const operationId = uuidv7(door.clock.now());
    const response = await amend(door, "capture", request, {
      decide: (payment) => requestCapture(payment, minor(request.body.amount), operationId),
      present: paymentText,
    });
    return awaitPayment(door, request, response);
  });
}

/** POST /v1/payments/{id}/cancel */
export function cancelPaymentRoute(door: PaymentDoor): BoundRoute {
  return bindRoute(paymentRoutes.cancelPayment, async (request) => {
    const operationId = uuidv7(door.clock.now());
    const response = await amend(door, "cancel", request, {
      decide: (payment) => requestCancel(payment, "requested", operationId),
      present: paymentText,
    });
    return awaitPayment(door, request, response);
  });
}

/** POST /v1/payments/{id}/refunds */
export function createRefundRoute(door: PaymentDoor): BoundRoute {
  return bindRoute(paymentRoutes.createRefund, async (request) => {
    const refundId = uuidv7(door.clock.now());
    const operationId = uuidv7(door.clock.now());
    const response = await amend(door, "refund", request, {
      decide: (payment) => requestRefund(payment, minor(request.body.amount), refundId, operationId),
      present: (payment) => JSON.stringify(refundOf(payment, refundId)),
    });
    return awaitRefund(door, request, response);
  });
}

type AmendRequest = {
  readonly params: { readonly id: string };
  readonly body: unknown;
  readonly principal: { readonly merchantId: Uuid };
  readonly idempotencyKey: string | undefined;
  readonly requestId: string;
};

type Amending = {
  readonly decide: (payment: Payment) => Decision;
  readonly present: (after: Payment) => string;
};

async function amend(
  door: PaymentDoor,
  name: string,
  request: AmendRequest,
  amending: Amending,
): Promise<HttpResponse> {
  const { merchantId } = request.principal;
  const paymentId = parsePublicId("payment", request.params.id) as Uuid;
  // The payment is part of the request: the same key on another payment is another request.
  const print = fingerprint(door.idempotencySecret, { payment: paymentId, body: request.body });
  const key = request.idempotencyKey as string;
  const stored = await door.store.findAnswer(merchantId, name, key);
  if (stored !== undefined) return reply({ kind: "duplicate", ...stored }, print, { status: 0, answer: "" });
  const amended = await amendPayment(door.store, {
    merchantId,
    paymentId,
    name,
    decide: amending.decide,
    accepted: (after) => ({ status: 202, answer: amending.present(after) }),
    refused: (refusal) => refusalAnswer(refusal, request.requestId),
    claim: { route: name, key, fingerprint: print },
    traceparent: currentTraceparent(),
    nowMs: door.clock.now(),
  });
  return reply(amended.outcome, print, amended);
}

function refusalAnswer({ code, detail }: Refusal, requestId: string): { status: number; answer: string } {
  const problem = new Problem(code, detail);
  return { status: problem.status, answer: JSON.stringify(problem.document(requestId)) };
}

function paymentText(payment: Payment): string {
  return JSON.stringify(presentPayment(viewOf(payment)));
}

function refundOf(payment: Payment, refundId: Uuid) {
  const view = refundViewsOf(payment).find(({ id }) => id === refundId);
  if (view === undefined) throw new Error(`${payment.id}: no refund ${refundId}`);
  return presentRefund(view);
}

function minor(amount: number | undefined): bigint | undefined {
  return amount === undefined ? undefined : BigInt(amount);
}
