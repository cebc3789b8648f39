import type { BehaviourName } from "./behaviour.ts";
import type { Brand } from "./brand.ts";

/** A card as the acquirer remembers it: enough to charge it, too little to use it elsewhere. */
export type Card = {
  readonly token: string;
  readonly brand: Brand;
  /** The first six digits. */
  readonly bin: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
  /** ISO 3166-1 alpha-2, of the issuer. */
  readonly country: string;
  readonly behaviour: BehaviourName;
};

export type TestCard = Omit<Card, "bin" | "last4" | "expMonth" | "expYear"> & { readonly number: string };

/** The country of issuers that no row names. */
export const DEFAULT_COUNTRY = "US";

function row(
  number: string,
  token: string,
  brand: Brand,
  behaviour: BehaviourName,
  country = DEFAULT_COUNTRY,
): TestCard {
  return { number, token, brand, behaviour, country };
}

/**
 * The test cards. Numbers and names are Stripe's where Stripe has such a card (docs.stripe.com/testing); the numbers from
 * 4111000000000016 on are ours. None belongs to anybody.
 */
export const testCards: readonly TestCard[] = [
  row("4242424242424242", "pm_card_visa", "visa", "approve"),
  row("4000056655665556", "pm_card_visa_debit", "visa", "approve"),
  row("5555555555554444", "pm_card_mastercard", "mastercard", "approve"),
  row("378282246310005", "pm_card_amex", "amex", "approve"),
  row("6011111111111117", "pm_card_discover", "discover", "approve"),
  row("3056930009020004", "pm_card_diners", "diners", "approve"),
  row("3566002020360505", "pm_card_jcb", "jcb", "approve"),
  row("6200000000000005", "pm_card_unionpay", "unionpay", "approve"),
  row("4000008260000000", "pm_card_gb", "visa", "approve", "GB"),
  row("4000004080000007", "pm_card_kp", "visa", "approve", "KP"),
  row("4100000000000019", "pm_card_fraudulent", "visa", "approve"),
  row("4000000000000002", "pm_card_chargeDeclined", "visa", "generic_decline"),
  row("4000000000009995", "pm_card_chargeDeclinedInsufficientFunds", "visa", "insufficient_funds"),
  row("4000000000009987", "pm_card_chargeDeclinedLostCard", "visa", "lost_card"),
  row("4000000000009979", "pm_card_chargeDeclinedStolenCard", "visa", "stolen_card"),
  row("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "visa", "expired_card"),
  row("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "visa", "incorrect_cvc"),
  row("4000000000000119", "pm_card_chargeDeclinedProcessingError", "visa", "processing_error"),
  row("4000002500003155", "pm_card_authenticationRequired", "visa", "authentication_required"),
  row("4000000000000259", "pm_card_createDispute", "visa", "dispute"),
  row("4000000000005126", "pm_card_refundFail", "visa", "refund_fail"),
  row("4000000000007726", "pm_card_pendingRefund", "visa", "refund_pending"),
  row("4111000000000016", "pm_card_fault_timeoutAfterCharge", "visa", "fault_timeout_after_charge"),
  row("4111000000000024", "pm_card_fault_errorAfterCharge", "visa", "fault_error_after_charge"),
  row("4111000000000032", "pm_card_fault_lateLookup", "visa", "fault_late_look_up"),
  row("4111000000000040", "pm_card_fault_slow", "visa", "fault_slow"),
  row("4111000000000057", "pm_card_fault_webhookBeforeAnswer", "visa", "fault_webhook_before_answer"),
  row("4111000000000065", "pm_card_fault_webhookTwice", "visa", "fault_webhook_twice"),
  row("4111000000000073", "pm_card_fault_webhookOnly", "visa", "fault_webhook_only"),
  row("4111000000000081", "pm_card_fault_webhookNever", "visa", "fault_webhook_never"),
  row("4111000000000099", "pm_card_fault_captureTimeout", "visa", "fault_capture_timeout"),
  row("4111000000000107", "pm_card_fault_refundTimeout", "visa", "fault_refund_timeout"),
  row("4111000000000115", "pm_card_fault_refundFailAtOnce", "visa", "refund_fail_at_once"),
];

const STATIC_EXP_MONTH = 12;
const STATIC_EXP_YEAR = 2099;

const byToken = new Map<string, Card>(testCards.map((card) => [card.token, staticCard(card)]));
const byNumber = new Map<string, TestCard>(testCards.map((card) => [card.number, card]));

/** The test card that a static token (`pm_card_…`) stands for. */
export function cardOfStaticToken(token: string): Card | undefined {
  return byToken.get(token);
}

/**
 * Cards whose number is exchanged for their static token, not for a new one: who screens payments knows this card by its token, and has
 * to know it by its number, too.
 */
const namedByRules: ReadonlySet<string> = new Set(["pm_card_fraudulent"]);

/** The static card that a number is exchanged for; undefined for a number that gets a token of its own. */
export function staticCardOfNumber(number: string): Card | undefined {
  const token = byNumber.get(number)?.token;
  return token !== undefined && namedByRules.has(token) ? byToken.get(token) : undefined;
}

/** The test card with that number. */
export function testCardOfNumber(number: string): TestCard | undefined {
  return byNumber.get(number);
}

function staticCard({ number, ...card }: TestCard): Card {
  return {
    ...card,
    bin: number.slice(0, 6),
    last4: number.slice(-4),
    expMonth: STATIC_EXP_MONTH,
    expYear: STATIC_EXP_YEAR,
  };
}
