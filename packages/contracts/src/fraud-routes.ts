import Type, { type Static } from "typebox";
import { Screening } from "./payment-events.ts";
import type { Route } from "./route.ts";

const closed = { additionalProperties: false };

/** What the fraud service is told of a payment. No card number: the token's BIN and last four at most. */
export const ScreeningRequest = Type.Object(
  {
    payment_id: Type.String({ maxLength: 64 }),
    merchant_id: Type.String({ maxLength: 64 }),
    amount: Type.Integer({ minimum: 1 }),
    currency: Type.String({ minLength: 3, maxLength: 3 }),
    token: Type.String({ maxLength: 128 }),
    brand: Type.Optional(Type.String({ maxLength: 32 })),
    bin: Type.Optional(Type.String({ maxLength: 8 })),
    country: Type.Optional(Type.String({ minLength: 2, maxLength: 2, description: "Of the card's issuer" })),
  },
  closed,
);
export type ScreeningRequest = Static<typeof ScreeningRequest>;

export const fraudRoutes = {
  screenPayments: {
    service: "fraud",
    auth: "internal",
    operationId: "screenPayments",
    method: "POST",
    path: "/v1/screenings/batch",
    summary: "Screen up to 1,000 payments; answers in their order",
    bodyLimit: 1024 * 1024,
    body: Type.Object({ payments: Type.Array(ScreeningRequest, { minItems: 1, maxItems: 1000 }) }, closed),
    answers: {
      200: { description: "One decision a payment", schema: Type.Object({ screenings: Type.Array(Screening) }) },
    },
    errors: ["unavailable"],
  },
} as const satisfies Record<string, Route>;
