/**
 * Every error an API of Kassa may answer with, by its stable code. The server, the OpenAPI documents and docs/errors.md
 * are made from this table; a test produces each of them over HTTP.
 */
export const errorCodes = {
  invalid_request: { status: 400, title: "The request is not valid" },
  invalid_json: { status: 400, title: "The body is not JSON" },
  invalid_text: { status: 400, title: "A text holds U+0000 or half of a surrogate pair" },
  idempotency_key_required: { status: 400, title: "The header Idempotency-Key is missing or malformed" },
  invalid_cursor: { status: 400, title: "starting_after names no payment of yours" },
  card_invalid: { status: 400, title: "The card data is not valid" },
  unauthenticated: { status: 401, title: "The API key is missing, malformed, revoked or unknown" },
  signature_invalid: { status: 401, title: "The signature of the webhook is missing, stale or wrong" },
  forbidden: { status: 403, title: "The API key lacks the scope of this route" },
  not_found: { status: 404, title: "No such resource" },
  method_not_allowed: { status: 405, title: "The path exists, the method does not" },
  invalid_state: { status: 409, title: "The payment's status does not allow this" },
  capture_unresolved: { status: 409, title: "A capture of this payment is not resolved yet" },
  idempotency_in_flight: { status: 409, title: "A request with this Idempotency-Key is still running" },
  reference_taken: { status: 409, title: "Another payment has this unique reference" },
  insufficient_funds: { status: 409, title: "The merchant's available balance does not cover this" },
  body_too_large: { status: 413, title: "The body is larger than allowed" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  idempotency_key_reused: { status: 422, title: "This Idempotency-Key came before with another body" },
  amount_too_large: { status: 422, title: "The amount is larger than what is left" },
  unsupported_currency: { status: 422, title: "The currency is not in ISO 4217 or not supported by the provider" },
  unknown_payment_method: { status: 422, title: "The payment method token is unknown" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong on our side" },
  unavailable: { status: 503, title: "The service cannot take this now" },
  deadline_exceeded: { status: 503, title: "The request took longer than allowed" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;
