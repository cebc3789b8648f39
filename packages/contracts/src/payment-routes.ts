import { AMOUNT_MAX, AMOUNT_MIN } from "@kassa/kernel/money";
import Type, { type Static } from "typebox";
import type { Route } from "./route.ts";

const closed = { additionalProperties: false };

export const Amount = Type.Integer({
  minimum: AMOUNT_MIN,
  maximum: AMOUNT_MAX,
  description: "An integer of the currency's minor unit: 1999 is 19.99 EUR and 1999 JPY.",
});

export const Card = Type.Object(
  {
    number: Type.String({ pattern: "^[0-9]{12,19}$" }),
    exp_month: Type.Integer({ minimum: 1, maximum: 12 }),
    exp_year: Type.Integer({ minimum: 2000, maximum: 2100 }),
    cvc: Type.String({ pattern: "^[0-9]{3,4}$" }),
  },
  { ...closed, description: "Exchanged for a token before anything is stored." },
);
export type Card = Static<typeof Card>;

export const PaymentRequest = Type.Object(
  {
    amount: Amount,
    currency: Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217" }),
    payment_method: Type.Union([
      Type.String({ minLength: 3, maxLength: 128, description: "A token, such as pm_card_visa in the sandbox." }),
      Type.Object({ card: Card }, closed),
    ]),
    capture: Type.Optional(Type.Union([Type.Literal("automatic"), Type.Literal("manual")], { default: "automatic" })),
    reference: Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: "Your order's number." })),
    reference_unique: Type.Optional(
      Type.Boolean({ default: false, description: "True: no second payment may ever carry this reference." }),
    ),
    metadata: Type.Optional(
      Type.Record(Type.String({ pattern: "^.{1,40}$" }), Type.String({ maxLength: 500 }), { maxProperties: 20 }),
    ),
  },
  closed,
);
export type PaymentRequest = Static<typeof PaymentRequest>;

export const PaymentStatus = Type.Enum(["new", "processing", "authorized", "completed", "failed", "canceled"]);

export const PaymentBody = Type.Object({
  id: Type.String(),
  status: PaymentStatus,
  amount: Amount,
  amount_capturable: Type.Integer(),
  amount_captured: Type.Integer(),
  amount_refunded: Type.Integer(),
  currency: Type.String(),
  capture: Type.String(),
  payment_method: Type.Object({
    token: Type.String(),
    brand: Type.String(),
    last4: Type.String(),
  }),
  reference: Type.Union([Type.String(), Type.Null()]),
  metadata: Type.Record(Type.String(), Type.String()),
  cancel_requested: Type.Boolean(),
  last_error: Type.Union([
    Type.Object({ code: Type.String(), decline_code: Type.Optional(Type.String()) }),
    Type.Null(),
  ]),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  created_at: Type.String(),
  updated_at: Type.String(),
});
export type PaymentBody = Static<typeof PaymentBody>;

export const RefundBody = Type.Object({
  id: Type.String(),
  payment_id: Type.String(),
  status: Type.Union([Type.Literal("pending"), Type.Literal("succeeded"), Type.Literal("failed")]),
  amount: Amount,
  currency: Type.String(),
  last_error: Type.Union([Type.Object({ code: Type.String() }), Type.Null()]),
  created_at: Type.String(),
  updated_at: Type.String(),
});
export type RefundBody = Static<typeof RefundBody>;

const PaymentId = Type.Object({ id: Type.String({ pattern: "^pay_[0-9a-f]{32}$" }) });
const RefundId = Type.Object({ id: Type.String({ pattern: "^re_[0-9a-f]{32}$" }) });
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 }));
const write = { service: "transactions", auth: "api_key", scope: "payments:write" } as const;
const read = { service: "transactions", auth: "api_key", scope: "payments:read" } as const;

/** The routes of payments. The server, the OpenAPI document and the ingress are made from this table. */
export const paymentRoutes = {
  createPayment: {
    ...write,
    operationId: "createPayment",
    method: "POST",
    path: "/v1/payments",
    summary: "Create a payment",
    description: "Stores the payment and answers 202 at once; `Prefer: wait=N` (up to 30 s) waits for its outcome.",
    idempotent: true,
    takesWait: true,
    body: PaymentRequest,
    answers: { 202: { description: "Stored; a worker takes it from here", schema: PaymentBody } },
    errors: ["unsupported_currency", "unknown_payment_method", "card_invalid", "reference_taken", "unavailable"],
  },
  createPaymentBatch: {
    ...write,
    operationId: "createPaymentBatch",
    method: "POST",
    path: "/v1/payments/batch",
    summary: "Create up to 1,000 payments",
    description:
      "Each item succeeds or fails by itself; all the valid ones and this answer are stored together. Tokens only, no raw cards.",
    idempotent: true,
    bodyLimit: 4 * 1024 * 1024,
    body: Type.Object({ payments: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }) }, closed),
    answers: {
      200: {
        description: "One result for each payment, in the order of the request",
        schema: Type.Object({
          results: Type.Array(
            Type.Union([
              Type.Object({ status: Type.Literal(202), payment: PaymentBody }),
              Type.Object({ status: Type.Integer(), error: Type.Unknown() }),
            ]),
          ),
        }),
      },
    },
    errors: ["unavailable"],
  },
  listPayments: {
    ...read,
    operationId: "listPayments",
    method: "GET",
    path: "/v1/payments",
    summary: "List payments, newest first",
    query: Type.Object(
      {
        limit: Limit,
        starting_after: Type.Optional(Type.String({ maxLength: 64 })),
        status: Type.Optional(PaymentStatus),
      },
      closed,
    ),
    answers: {
      200: {
        description: "A page, by (created_at, id) descending",
        schema: Type.Object({ data: Type.Array(PaymentBody), has_more: Type.Boolean() }),
      },
    },
    errors: ["invalid_cursor"],
  },
  getPayment: {
    ...read,
    operationId: "getPayment",
    method: "GET",
    path: "/v1/payments/{id}",
    summary: "Fetch a payment",
    params: PaymentId,
    answers: { 200: { description: "The payment", schema: PaymentBody } },
    errors: ["not_found"],
  },
  listPaymentEvents: {
    ...read,
    operationId: "listPaymentEvents",
    method: "GET",
    path: "/v1/payments/{id}/events",
    summary: "What happened to a payment, oldest first",
    params: PaymentId,
    answers: {
      200: {
        description: "The payment's events",
        schema: Type.Object({
          data: Type.Array(
            Type.Object({
              id: Type.String(),
              type: Type.String(),
              version: Type.Integer(),
              occurred_at: Type.String(),
              data: Type.Unknown(),
            }),
          ),
        }),
      },
    },
    errors: ["not_found"],
  },
  capturePayment: {
    ...write,
    operationId: "capturePayment",
    method: "POST",
    path: "/v1/payments/{id}/capture",
    summary: "Capture an authorized payment, once; the rest is released",
    description: "Answers 202 at once; `Prefer: wait=N` (up to 30 s) waits for the capture's outcome.",
    idempotent: true,
    takesWait: true,
    params: PaymentId,
    body: Type.Object({ amount: Type.Optional(Amount) }, closed),
    answers: { 202: { description: "The capture is on its way", schema: PaymentBody } },
    errors: ["not_found", "invalid_state", "capture_unresolved", "amount_too_large", "unavailable"],
  },
  cancelPayment: {
    ...write,
    operationId: "cancelPayment",
    method: "POST",
    path: "/v1/payments/{id}/cancel",
    summary: "Cancel a payment; while it is processing the wish is queued",
    description:
      "Answers 202 at once; `Prefer: wait=N` (up to 30 s) waits until the payment is canceled or cannot be any more.",
    idempotent: true,
    takesWait: true,
    params: PaymentId,
    body: Type.Object({}, closed),
    answers: { 202: { description: "The payment will be canceled unless it is captured first", schema: PaymentBody } },
    errors: ["not_found", "invalid_state", "capture_unresolved", "unavailable"],
  },
  createRefund: {
    ...write,
    operationId: "createRefund",
    method: "POST",
    path: "/v1/payments/{id}/refunds",
    summary: "Refund a completed payment, wholly or in part",
    description: "Answers 202 at once; `Prefer: wait=N` (up to 30 s) waits for the refund's outcome.",
    idempotent: true,
    takesWait: true,
    params: PaymentId,
    body: Type.Object({ amount: Type.Optional(Amount) }, closed),
    answers: { 202: { description: "The refund is on its way", schema: RefundBody } },
    errors: [
      "not_found",
      "invalid_state",
      "capture_unresolved",
      "amount_too_large",
      "insufficient_funds",
      "unavailable",
    ],
  },
  getRefund: {
    ...read,
    operationId: "getRefund",
    method: "GET",
    path: "/v1/refunds/{id}",
    summary: "Fetch a refund",
    params: RefundId,
    answers: { 200: { description: "The refund", schema: RefundBody } },
    errors: ["not_found"],
  },
  listBalances: {
    ...read,
    operationId: "listBalances",
    method: "GET",
    path: "/v1/balances",
    summary: "The merchant's balances, one a currency",
    answers: {
      200: {
        description: "Posted, held and available amounts in minor units, as decimal strings (they may pass 2^53)",
        schema: Type.Object({
          data: Type.Array(
            Type.Object({
              currency: Type.String(),
              posted: Type.String(),
              held: Type.String(),
              available: Type.String(),
            }),
          ),
        }),
      },
    },
    errors: [],
  },
  receiveWebhook: {
    service: "transactions",
    auth: "signature",
    operationId: "receiveProviderWebhook",
    method: "POST",
    path: "/v1/webhooks/{provider}",
    summary: "Where a provider tells how an operation ended",
    params: Type.Object({ provider: Type.String({ pattern: "^[a-z0-9-]{1,32}$" }) }),
    answers: { 204: { description: "Stored" } },
    errors: ["signature_invalid", "invalid_json", "invalid_request", "invalid_text", "not_found", "unavailable"],
  },
} as const satisfies Record<string, Route>;
