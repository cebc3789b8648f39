import type { Random } from "./seeded-random.ts";

/** What the merchant does once a payment is where that is possible. */
export type FollowUp = "none" | "capture" | "cancel" | "refund" | "forget";

export type PlannedPayment = {
  /** Idempotency key and reference. */
  readonly key: string;
  readonly token: string;
  readonly capture: "automatic" | "manual";
  readonly followUp: FollowUp;
  readonly amount: number;
  readonly currency: string;
};

type Kind = Pick<PlannedPayment, "token" | "capture" | "followUp"> & { readonly weight: number };

/** The provider never says what became of a payment with this card. */
export const NEVER_SETTLED_TOKEN = "pm_card_fault_webhookNever";

function kind(
  weight: number,
  token: string,
  capture: Kind["capture"] = "automatic",
  followUp: FollowUp = "none",
): Kind {
  return { weight, token, capture, followUp };
}

/** In parts of 100. */
const kinds: readonly Kind[] = [
  kind(36, "pm_card_visa"),
  kind(10, "pm_card_mastercard"),
  kind(4, "pm_card_amex"),
  kind(4, "pm_card_visa", "manual", "capture"),
  kind(2, "pm_card_visa", "manual", "cancel"),
  kind(1, "pm_card_visa", "manual", "forget"),
  kind(3, "pm_card_visa", "automatic", "refund"),
  kind(4, "pm_card_chargeDeclined"),
  kind(2, "pm_card_chargeDeclinedInsufficientFunds"),
  kind(1, "pm_card_chargeDeclinedExpiredCard"),
  kind(1, "pm_card_authenticationRequired"),
  kind(1, "pm_card_fraudulent"),
  kind(1, "pm_card_createDispute"),
  kind(1, "pm_card_refundFail", "automatic", "refund"),
  kind(1, "pm_card_pendingRefund", "automatic", "refund"),
  kind(4, "pm_card_fault_timeoutAfterCharge"),
  kind(4, "pm_card_fault_errorAfterCharge"),
  kind(4, "pm_card_fault_lateLookup"),
  kind(3, "pm_card_fault_slow"),
  kind(3, "pm_card_fault_webhookBeforeAnswer"),
  kind(3, "pm_card_fault_webhookTwice"),
  kind(3, "pm_card_fault_webhookOnly"),
  kind(2, NEVER_SETTLED_TOKEN),
  kind(1, "pm_card_fault_captureTimeout", "manual", "capture"),
  kind(1, "pm_card_fault_refundTimeout", "automatic", "refund"),
];

const WEIGHTS = kinds.reduce((sum, { weight }) => sum + weight, 0);
const CURRENCIES = ["EUR", "USD", "JPY", "KWD"] as const;

/** The payment of that number in the load: card, currency and amount by chance. */
export function planPayment(random: Random, run: string, number: number): PlannedPayment {
  const { token, capture, followUp } = chooseKind(random() * WEIGHTS);
  const currency = CURRENCIES[Math.floor(random() * CURRENCIES.length)] ?? "EUR";
  const amount = 100 + Math.floor(random() * 50_000);
  return { key: `${run}-${number}`, token, capture, followUp, amount, currency };
}

function chooseKind(place: number): Kind {
  let below = 0;
  for (const each of kinds) {
    below += each.weight;
    if (place < below) return each;
  }
  throw new RangeError(`${place} lies outside of all kinds of payment`);
}
