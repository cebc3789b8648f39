import type { Uuid } from "@kassa/kernel/id";
import { isOpen, type Payment } from "./payment.ts";

/** A row with a due time, written with the effect that makes it necessary; `dueAtMs` undefined removes it. */
export type Timer = {
  readonly merchantId: Uuid;
  readonly paymentId: Uuid;
  readonly kind: "resolve" | "expire";
  readonly dueAtMs: number | undefined;
  readonly attempt: number;
};

const RESOLVE_FIRST_MS = 1_000;
const RESOLVE_MOST_MS = 10 * 60_000;

/** Milliseconds until an operation without an outcome is looked at again: 1 s, doubled each time, 10 minutes at most. */
export function resolveDelayMs(attempt: number): number {
  return Math.min(RESOLVE_MOST_MS, RESOLVE_FIRST_MS * 2 ** Math.min(attempt, 20));
}

/** The timers that must be set or removed when the payment goes from one state to the next. */
export function timersOf(
  before: Payment | undefined,
  after: Payment,
  nowMs: number,
  attempt: number,
): readonly Timer[] {
  const timers: Timer[] = [];
  const common = { merchantId: after.merchantId, paymentId: after.id };
  const unknown = after.operations.some(({ outcome }) => outcome === "unknown");
  if (unknown) {
    timers.push({ ...common, kind: "resolve", dueAtMs: nowMs + resolveDelayMs(attempt), attempt: attempt + 1 });
  } else if (before?.operations.some(({ outcome }) => outcome === "unknown") && !after.operations.some(isOpen)) {
    timers.push({ ...common, kind: "resolve", dueAtMs: undefined, attempt: 0 });
  }
  if (after.expiresAtMs !== before?.expiresAtMs) {
    const direct = before?.expiresAtMs === undefined && after.expiresAtMs === undefined;
    if (!direct) timers.push({ ...common, kind: "expire", dueAtMs: after.expiresAtMs, attempt: 0 });
  }
  return timers;
}
