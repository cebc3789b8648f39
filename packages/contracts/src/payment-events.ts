import { AMOUNT_MAX, AMOUNT_MIN } from "@kassa/kernel/money";
import Type, { type Static, type TSchema } from "typebox";

/**
 * The events of a payment's stream: the truth from which every table of payments, refunds and operations is a projection.
 * They are published on `payments.events` as they are. A schema here may only grow by optional members; anything else is
 * a new event type (a test compares it with the last release's).
 */
const Amount = Type.Integer({ minimum: AMOUNT_MIN, maximum: AMOUNT_MAX, description: "Minor units" });
const UuidText = Type.String({ pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" });
const Code = Type.String({ maxLength: 64 });
const Instant = Type.Integer({ description: "Milliseconds since the Unix epoch" });
const closed = { additionalProperties: false };

/** What is kept of a card: a provider's token and what may be shown. Never the number or the CVC. */
export const PaymentMethod = Type.Object(
  {
    token: Type.String({ maxLength: 128 }),
    brand: Type.String({ maxLength: 32 }),
    bin: Type.Optional(Type.String({ maxLength: 8 })),
    last4: Type.String({ maxLength: 4 }),
    exp_month: Type.Optional(Type.Integer()),
    exp_year: Type.Optional(Type.Integer()),
    country: Type.Optional(Type.String({ maxLength: 2 })),
  },
  closed,
);
export type PaymentMethod = Static<typeof PaymentMethod>;

export const Screening = Type.Object(
  {
    decision: Type.Union([Type.Literal("allow"), Type.Literal("review"), Type.Literal("deny")]),
    reasons: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 50 }),
    rule_set: Type.String({ maxLength: 64 }),
    /** True when the fraud service did not answer and the configured fallback decided. */
    fallback: Type.Boolean(),
  },
  closed,
);
export type Screening = Static<typeof Screening>;

const Metadata = Type.Record(Type.String({ pattern: "^.{1,40}$" }), Type.String({ maxLength: 500 }));

export const paymentEventSchemas = {
  "payment.created": Type.Object(
    {
      amount: Amount,
      currency: Type.String({ minLength: 3, maxLength: 3 }),
      capture: Type.Union([Type.Literal("automatic"), Type.Literal("manual")]),
      payment_method: PaymentMethod,
      provider: Type.String({ maxLength: 32 }),
      reference: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
      metadata: Metadata,
    },
    closed,
  ),
  "payment.processing": Type.Object({ operation_id: UuidText, screening: Screening }, closed),
  "payment.authorized": Type.Object(
    {
      operation_id: UuidText,
      amount: Amount,
      provider_reference: Type.String({ maxLength: 128 }),
      expires_at: Instant,
    },
    closed,
  ),
  "payment.completed": Type.Object(
    { operation_id: UuidText, amount_captured: Amount, amount_released: Type.Integer({ minimum: 0 }) },
    closed,
  ),
  "payment.failed": Type.Object(
    {
      operation_id: Type.Optional(UuidText),
      code: Code,
      decline_code: Type.Optional(Code),
      screening: Type.Optional(Screening),
    },
    closed,
  ),
  "payment.canceled": Type.Object(
    { operation_id: Type.Optional(UuidText), reason: Type.Union([Type.Literal("requested"), Type.Literal("expired")]) },
    closed,
  ),
  "capture.requested": Type.Object({ operation_id: UuidText, amount: Amount }, closed),
  "capture.failed": Type.Object({ operation_id: UuidText, code: Code }, closed),
  "cancel.requested": Type.Object(
    { reason: Type.Union([Type.Literal("requested"), Type.Literal("expired")]), operation_id: Type.Optional(UuidText) },
    closed,
  ),
  "cancel.failed": Type.Object({ operation_id: Type.Optional(UuidText), code: Code }, closed),
  "void.started": Type.Object({ operation_id: UuidText }, closed),
  "refund.requested": Type.Object({ refund_id: UuidText, operation_id: UuidText, amount: Amount }, closed),
  "refund.succeeded": Type.Object(
    { refund_id: UuidText, operation_id: UuidText, provider_reference: Type.String({ maxLength: 128 }) },
    closed,
  ),
  "refund.failed": Type.Object({ refund_id: UuidText, operation_id: UuidText, code: Code }, closed),
  "operation.unknown": Type.Object({ operation_id: UuidText, reason: Code }, closed),
  "transition.refused": Type.Object({ command: Code, status: Code, code: Code }, closed),
} as const satisfies Record<string, TSchema>;

export type PaymentEventType = keyof typeof paymentEventSchemas;

export type PaymentEventData = { readonly [T in PaymentEventType]: Static<(typeof paymentEventSchemas)[T]> };

/** A payment event before it has its place in a stream. */
export type PaymentEvent = {
  readonly [T in PaymentEventType]: { readonly type: T; readonly data: PaymentEventData[T] };
}[PaymentEventType];

/** What travels on `payments.events`: one event with its place and its envelope. */
export const PaymentEventMessage = Type.Object({
  event_id: Type.String({ description: "evt_<stream>_<version>, the same at every delivery" }),
  event_type: Type.String(),
  schema_version: Type.Integer({ minimum: 1 }),
  occurred_at: Type.String({ description: "RFC 3339, UTC, milliseconds" }),
  merchant_id: UuidText,
  stream_id: UuidText,
  version: Type.Integer({ minimum: 1 }),
  data: Type.Unknown(),
});
export type PaymentEventMessage = Static<typeof PaymentEventMessage>;

/** How an operation ended, as a provider's answer or webhook tells it. */
export const OperationOutcome = Type.Union([
  Type.Object({ result: Type.Literal("succeeded"), provider_reference: Type.String({ maxLength: 128 }) }, closed),
  Type.Object({ result: Type.Literal("failed"), code: Code, decline_code: Type.Optional(Code) }, closed),
  Type.Object({ result: Type.Literal("unknown"), reason: Code }, closed),
]);
export type OperationOutcome = Static<typeof OperationOutcome>;

/** What travels on `payments.commands`: look at this payment, with what made it necessary. */
export const PaymentCommand = Type.Object(
  {
    command_id: Type.String({ maxLength: 128 }),
    payment_id: UuidText,
    merchant_id: UuidText,
    reason: Type.Union([
      Type.Literal("created"),
      Type.Literal("requested"),
      Type.Literal("resolve"),
      Type.Literal("expire"),
      Type.Literal("webhook"),
    ]),
    /** With `webhook`: which operation ended, and how. */
    operation_id: Type.Optional(UuidText),
    outcome: Type.Optional(OperationOutcome),
    /** With `resolve`: how often the open operations were tried before. */
    attempt: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  // Open, so that a pod of the last release can read what a newer one adds.
  { additionalProperties: true },
);
export type PaymentCommand = Static<typeof PaymentCommand>;

/** The schema version of every event type above; a new incompatible shape is a new type, so this stays 1. */
export const PAYMENT_EVENT_SCHEMA_VERSION = 1;
