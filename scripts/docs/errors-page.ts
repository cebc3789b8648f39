import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { type ErrorCode, errorCodes } from "@kassa/contracts/error-codes";
import { fraudRoutes } from "@kassa/contracts/fraud-routes";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import type { Route } from "@kassa/contracts/route";

/** What the reader of an answer with this code should do next. A code without advice does not compile. */
const advice: Readonly<Record<ErrorCode, string>> = {
  invalid_request: "Correct the member that `param` names. Nothing was stored; the same Idempotency-Key may be used.",
  invalid_json: "Send a body that is valid JSON (RFC 8259) in UTF-8.",
  invalid_text: "Remove U+0000 and unpaired surrogates from the text that `param` names.",
  idempotency_key_required:
    "Send `Idempotency-Key`: 1 to 255 visible ASCII characters, new for each operation and the same for its repeats.",
  invalid_cursor: "Give the `id` of the last payment of the page before, or begin again without `starting_after`.",
  card_invalid:
    "Ask the cardholder to check number and expiry. Nothing was stored; the same Idempotency-Key may be used.",
  unauthenticated: "Send `Authorization: Bearer sk_…` with a key that has not been revoked.",
  signature_invalid:
    "Sign the raw body by Standard Webhooks with the shared secret, with a timestamp that is no more than 5 minutes off.",
  forbidden: "Use a key that has the scope which `detail` names.",
  not_found: "Check the id. The ids of other merchants are not found either.",
  method_not_allowed: "Use one of the methods in the header `Allow`.",
  invalid_state:
    "Fetch the payment: its status does not allow this, and trying again does not help unless the status can still change.",
  capture_unresolved: "Wait: the provider has not told yet how a capture ended. Fetch the payment, then use a new key.",
  idempotency_in_flight: "Repeat the request with the same key after `Retry-After` seconds.",
  reference_taken: "Look up the payment that has this reference, or use another reference.",
  insufficient_funds: "Wait until the available balance covers the amount (`GET /v1/balances`), then use a new key.",
  body_too_large: "Send less: a batch in several parts, shorter metadata.",
  unsupported_media_type: "Send `Content-Type: application/json` without `Content-Encoding`.",
  idempotency_key_reused: "Use a new key: this one belongs to a request with another body.",
  amount_too_large: "Ask for no more than `detail` says is left, with a new key.",
  unsupported_currency: "Use the alphabetic ISO 4217 code of a currency in circulation.",
  unknown_payment_method: "Use a token that the provider has issued and not forgotten.",
  rate_limited: "Slow down, and repeat after `Retry-After` seconds.",
  internal: "Repeat the request with the same Idempotency-Key; tell us `request_id` if it stays.",
  unavailable:
    "Repeat the request with the same Idempotency-Key after `Retry-After` seconds. Whether it was stored the repeat tells.",
  deadline_exceeded: "Repeat the request with the same Idempotency-Key. Whether it was stored the repeat tells.",
};

const routes: readonly Route[] = [
  ...Object.values(paymentRoutes),
  ...Object.values(acquirerRoutes),
  ...Object.values(fraudRoutes),
];

const HEAD = `# Errors

<!-- Made by scripts/generate-docs.ts from packages/contracts/src/error-codes.ts; do not edit. -->

Every error is answered as \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "urn:kassa:error:amount_too_large",
  "title": "The amount is larger than what is left",
  "status": 422,
  "code": "amount_too_large",
  "detail": "At most 500 is left to refund.",
  "request_id": "0190f2c311117222822233330aaa4444"
}
\`\`\`

\`code\` never changes its meaning; \`title\` and \`detail\` are for people. \`param\`, where there is one, is the dotted path of the member at
fault. A decline is no error: the payment is \`failed\` and says why in \`last_error\`.

A refused capture, cancel or refund (\`invalid_state\`, \`capture_unresolved\`, \`amount_too_large\`, \`insufficient_funds\`) is kept under its
Idempotency-Key: repeating it gets the same answer, so try again with a new key. After every other error the key is free.
`;

/** docs/errors.md: the table of error codes with what to do about each and where it comes from. Markdown, ends with a newline. */
export function errorsPage(): string {
  const sections = Object.entries(errorCodes).map(([code, { status, title }]) => {
    return `## ${code}\n\n${status}: ${title}.\n\n${advice[code as ErrorCode]}\n\n${whereFrom(code as ErrorCode)}\n`;
  });
  return [HEAD, overview(), ...sections].join("\n");
}

function overview(): string {
  const rows = Object.entries(errorCodes).map(([code, { status, title }]) => [
    `[\`${code}\`](#${code})`,
    String(status),
    title,
  ]);
  const head = ["code", "status", "meaning"];
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return `${[line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")}\n`;
}

function whereFrom(code: ErrorCode): string {
  const from = routes.filter(({ errors }) => errors.includes(code));
  if (from.length === 0) return "Any route may answer with it.";
  return `Routes: ${from.map(({ service, method, path }) => `\`${method} ${path}\` (${service})`).join(", ")}.`;
}
