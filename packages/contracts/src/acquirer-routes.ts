import Type, { type Static } from "typebox";
import { Amount, Card } from "./payment-routes.ts";
import type { Route } from "./route.ts";

/** The sandbox acquirer's interface, as a provider's public API would be: its own ids, its own words. */
const closed = { additionalProperties: false };
const internal = { service: "acquirer", auth: "internal" } as const;

export const CardToken = Type.Object({
  token: Type.String(),
  brand: Type.String(),
  bin: Type.Optional(Type.String()),
  last4: Type.String(),
  exp_month: Type.Optional(Type.Integer()),
  exp_year: Type.Optional(Type.Integer()),
  country: Type.Optional(Type.String()),
});
export type CardToken = Static<typeof CardToken>;

/** The merchant's own words on a charge; `operation_id` is how Kassa finds its operation again. */
const OperationMetadata = Type.Object({ operation_id: Type.String({ maxLength: 64 }) });

export const ChargeBody = Type.Object({
  id: Type.String({ description: "ch_…" }),
  status: Type.Enum(["pending", "authorized", "captured", "declined", "voided"]),
  amount: Amount,
  amount_captured: Type.Integer(),
  amount_refunded: Type.Integer(),
  currency: Type.String(),
  decline: Type.Union([Type.Object({ code: Type.String(), decline_code: Type.String() }), Type.Null()]),
  metadata: OperationMetadata,
  created_at: Type.String(),
});
export type ChargeBody = Static<typeof ChargeBody>;

export const ProviderRefundBody = Type.Object({
  id: Type.String({ description: "rf_…" }),
  charge: Type.String(),
  amount: Amount,
  status: Type.Union([Type.Literal("pending"), Type.Literal("succeeded"), Type.Literal("failed")]),
  failure_code: Type.Union([Type.String(), Type.Null()]),
  metadata: OperationMetadata,
});
export type ProviderRefundBody = Static<typeof ProviderRefundBody>;

/** One line of the settlement report: an amount that really moved, and the operation that moved it. */
export const SettlementLine = Type.Object({
  id: Type.String({ description: "Rises with time; the cursor of the report" }),
  kind: Type.Union([Type.Literal("capture"), Type.Literal("refund")]),
  charge: Type.String(),
  operation_id: Type.String({
    description: "Of the capture (or of the authorization that captured at once) or refund",
  }),
  amount: Amount,
  currency: Type.String(),
  created_at: Type.String(),
});
export type SettlementLine = Static<typeof SettlementLine>;

/** The body of a webhook (signed by Standard Webhooks). `operation_id` names the operation that ended. */
export const AcquirerWebhook = Type.Object({
  type: Type.Union([Type.Literal("charge.updated"), Type.Literal("refund.updated"), Type.Literal("dispute.opened")]),
  timestamp: Type.String(),
  data: Type.Object({
    operation_id: Type.String(),
    kind: Type.Enum(["authorize", "capture", "void", "refund", "dispute"]),
    result: Type.Union([Type.Literal("succeeded"), Type.Literal("failed")]),
    id: Type.String({ description: "The charge's or refund's id" }),
    amount: Type.Integer(),
    currency: Type.String(),
    code: Type.Optional(Type.String()),
    decline_code: Type.Optional(Type.String()),
  }),
});
export type AcquirerWebhook = Static<typeof AcquirerWebhook>;

const ChargeId = Type.Object({ id: Type.String({ maxLength: 64 }) });

export const acquirerRoutes = {
  tokenizeCard: {
    ...internal,
    operationId: "tokenizeCard",
    method: "POST",
    path: "/v1/tokens",
    summary: "Exchange a card for a token",
    body: Type.Object({ card: Card }, closed),
    answers: { 201: { description: "The token", schema: CardToken } },
    errors: ["card_invalid", "unavailable"],
  },
  getToken: {
    ...internal,
    operationId: "getToken",
    method: "GET",
    path: "/v1/tokens/{id}",
    summary: "What a token stands for",
    params: ChargeId,
    answers: { 200: { description: "The token", schema: CardToken } },
    errors: ["not_found"],
  },
  createCharge: {
    ...internal,
    operationId: "createCharge",
    method: "POST",
    path: "/v1/charges",
    summary: "Authorize, and with `capture` capture at once",
    idempotent: true,
    body: Type.Object(
      {
        amount: Amount,
        currency: Type.String({ pattern: "^[A-Z]{3}$" }),
        token: Type.String({ maxLength: 128 }),
        capture: Type.Boolean(),
        metadata: OperationMetadata,
      },
      closed,
    ),
    answers: { 200: { description: "The charge, declined ones too", schema: ChargeBody } },
    errors: ["idempotency_key_reused", "idempotency_in_flight", "unknown_payment_method", "unavailable"],
  },
  captureCharge: {
    ...internal,
    operationId: "captureCharge",
    method: "POST",
    path: "/v1/charges/{id}/capture",
    summary: "Capture an authorized charge, once",
    idempotent: true,
    params: ChargeId,
    body: Type.Object({ amount: Amount, metadata: OperationMetadata }, closed),
    answers: { 200: { description: "The charge", schema: ChargeBody } },
    errors: ["not_found", "invalid_state", "amount_too_large", "idempotency_key_reused", "idempotency_in_flight"],
  },
  voidCharge: {
    ...internal,
    operationId: "voidCharge",
    method: "POST",
    path: "/v1/charges/{id}/void",
    summary: "Release an authorized charge",
    idempotent: true,
    params: ChargeId,
    body: Type.Object({ metadata: OperationMetadata }, closed),
    answers: { 200: { description: "The charge", schema: ChargeBody } },
    errors: ["not_found", "invalid_state", "idempotency_key_reused", "idempotency_in_flight"],
  },
  refundCharge: {
    ...internal,
    operationId: "refundCharge",
    method: "POST",
    path: "/v1/charges/{id}/refunds",
    summary: "Give back a captured amount, wholly or in part",
    idempotent: true,
    params: ChargeId,
    body: Type.Object({ amount: Amount, metadata: OperationMetadata }, closed),
    answers: { 200: { description: "The refund", schema: ProviderRefundBody } },
    errors: ["not_found", "invalid_state", "amount_too_large", "idempotency_key_reused", "idempotency_in_flight"],
  },
  lookUpOperation: {
    ...internal,
    operationId: "lookUpOperation",
    method: "GET",
    path: "/v1/operations/{id}",
    summary: "What became of an operation, by the merchant's operation id",
    params: ChargeId,
    answers: {
      200: {
        description: "The charge or refund that the operation made",
        schema: Type.Object({
          kind: Type.String(),
          result: Type.Union([Type.Literal("pending"), Type.Literal("succeeded"), Type.Literal("failed")]),
          id: Type.String(),
          code: Type.Optional(Type.String()),
          decline_code: Type.Optional(Type.String()),
        }),
      },
    },
    errors: ["not_found"],
  },
  listSettlement: {
    ...internal,
    operationId: "listSettlement",
    method: "GET",
    path: "/v1/settlement",
    summary: "Everything that moved, oldest first",
    query: Type.Object(
      {
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 })),
        starting_after: Type.Optional(Type.String({ maxLength: 64 })),
      },
      closed,
    ),
    answers: {
      200: {
        description: "A page of the report",
        schema: Type.Object({ data: Type.Array(SettlementLine), has_more: Type.Boolean() }),
      },
    },
    errors: [],
  },
} as const satisfies Record<string, Route>;
