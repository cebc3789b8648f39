import { type Currency, isCurrency } from "@kassa/kernel/currency";
import { isUuid, publicId } from "@kassa/kernel/id";
import { formatMoney } from "@kassa/kernel/money";
import type { RecordedEvent } from "../domain/payment.ts";
import type { OperationRow, TransferRow } from "./read-trace-rows.ts";

export type Text = { readonly what: string; readonly details: string };

/** Members of an event that are told, in this order, each in words of its own. Nothing else of an event is shown. */
const told: readonly { readonly member: string; readonly tell: (value: unknown, currency: string) => string }[] = [
  { member: "amount", tell: (value, currency) => moneyText(value, currency) },
  { member: "amount_captured", tell: (value, currency) => `captured ${moneyText(value, currency)}` },
  {
    member: "amount_released",
    tell: (value, currency) => (value === 0 ? "" : `released ${moneyText(value, currency)}`),
  },
  { member: "capture", tell: (value) => `${value} capture` },
  { member: "payment_method", tell: (value) => cardText(value) },
  { member: "screening", tell: (value) => screeningText(value) },
  { member: "command", tell: (value) => `${value} refused` },
  { member: "status", tell: (value) => `while ${value}` },
  { member: "code", tell: String },
  { member: "decline_code", tell: String },
  { member: "reason", tell: String },
  { member: "refund_id", tell: (value) => idText("refund", value) },
  { member: "operation_id", tell: (value) => idText("operation", value) },
  { member: "provider_reference", tell: String },
];

/** `3 payment.completed`, `captured 19.99 EUR, op_…` */
export function describeEvent(event: RecordedEvent, currency: string): Text {
  const data = event.data as Record<string, unknown>;
  const words = told.flatMap(({ member, tell }) => (data[member] === undefined ? [] : [tell(data[member], currency)]));
  return { what: `${event.version} ${event.type}`, details: words.filter((word) => word !== "").join(", ") };
}

/** `authorize at acquirer`, `succeeded after 12 ms, ch_…` */
export function describeOperation(operation: OperationRow, currency: string): Text {
  const { started_at, settled_at, reason } = operation;
  const after = settled_at === null ? "so far" : `after ${settled_at.getTime() - started_at.getTime()} ms`;
  const details = [
    `${operation.outcome} ${after}`,
    reason ?? "",
    moneyText(operation.amount, currency),
    publicId("operation", operation.id),
    operation.provider_reference ?? "",
  ];
  return {
    what: `${operation.kind} at ${operation.provider}`,
    details: details.filter((word) => word !== "").join(", "),
  };
}

/** `post 19.99 EUR`, `provider:acquirer -> merchant` */
export function describeTransfer({ kind, debit, credit, amount, currency, id }: TransferRow): Text {
  const details = {
    post: `${debit} -> ${credit}`,
    settle: `${debit} -> ${credit}`,
    hold: `on ${debit}`,
    release: `to ${debit}`,
  };
  return { what: `${kind} ${moneyText(amount, currency)}`, details: `${details[kind]}, transfer ${id}` };
}

/** Minor units as money. */
export function moneyText(minor: unknown, currency: string): string {
  const amount = typeof minor === "bigint" || Number.isInteger(minor) ? BigInt(minor as bigint | number) : undefined;
  if (amount === undefined || !isCurrency(currency)) return `${minor} ${currency}`;
  return formatMoney({ amountMinor: amount, currency: currency as Currency });
}

function cardText(value: unknown): string {
  const { brand, last4 } = value as { brand: string; last4: string };
  return `${brand} ${last4}`;
}

function screeningText(value: unknown): string {
  const { decision, reasons, fallback } = value as { decision: string; reasons: readonly string[]; fallback: boolean };
  const why = reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;
  return `screened: ${decision}${why}${fallback ? ", by fallback" : ""}`;
}

function idText(kind: "refund" | "operation", value: unknown): string {
  return typeof value === "string" && isUuid(value) ? publicId(kind, value) : String(value);
}
