import { behaviourNamed } from "@kassa/acquirer/domain/behaviour";
import { type TestCard, testCards } from "@kassa/acquirer/domain/test-cards";
import type { PaymentRequest } from "@kassa/contracts/payment-routes";
import type { Random } from "./random.ts";

/** What becomes of a card's payments, as far as the mixture cares. */
type CardGroup = "approved" | "screened" | "declined" | "disputed" | "refunds" | "faults";

/** What the merchant does with a payment. */
export type Flow =
  | "purchase"
  | "purchase_sent_twice"
  | "refund_whole"
  | "refund_part"
  | "capture_whole"
  | "capture_part"
  | "cancel";

/** Weights of the groups of cards in each mixture. */
const mixes = {
  default: { approved: 80, screened: 2, declined: 9, disputed: 1, refunds: 3, faults: 5 },
  happy: { approved: 100, screened: 0, declined: 0, disputed: 0, refunds: 0, faults: 0 },
  faults: { approved: 20, screened: 2, declined: 8, disputed: 2, refunds: 8, faults: 60 },
} as const satisfies Record<string, Record<CardGroup, number>>;

export type MixName = keyof typeof mixes;
export const mixNames = Object.keys(mixes) as MixName[];

const flows: readonly (readonly [Flow, weight: number])[] = [
  ["purchase", 58],
  ["purchase_sent_twice", 5],
  ["refund_whole", 6],
  ["refund_part", 6],
  ["capture_whole", 12],
  ["capture_part", 8],
  ["cancel", 5],
];

const MANUAL: ReadonlySet<Flow> = new Set(["capture_whole", "capture_part", "cancel"]);

/** Currencies with 2, 0 and 3 decimals, their share, and what about one euro is in minor units. */
const currencies: readonly (readonly [{ readonly code: string; readonly minorPerEuro: number }, weight: number])[] = [
  [{ code: "EUR", minorPerEuro: 100 }, 40],
  [{ code: "USD", minorPerEuro: 110 }, 25],
  [{ code: "GBP", minorPerEuro: 85 }, 12],
  [{ code: "CHF", minorPerEuro: 95 }, 5],
  [{ code: "JPY", minorPerEuro: 160 }, 8],
  [{ code: "KRW", minorPerEuro: 1_500 }, 3],
  [{ code: "KWD", minorPerEuro: 330 }, 4],
  [{ code: "BHD", minorPerEuro: 410 }, 3],
];

const MEDIAN_EUROS = 30;
const SPREAD = 1;
const MAX_EUROS = 10_000;
const RAW_CARD_SHARE = 0.1;
/** Merchants who want the outcome in the answer. Whoever goes on with the payment waits in any case. */
const WAIT_SHARE = 0.4;

/** The cards that the fraud service's rules deny. */
const SCREENED_TOKENS: ReadonlySet<string> = new Set(["pm_card_kp", "pm_card_fraudulent"]);

const cardsByGroup = Map.groupBy(testCards, groupOf);

/** One payment to come, wholly decided before it begins, so that a seed repeats it. */
export type Order = {
  readonly flow: Flow;
  readonly request: PaymentRequest;
  readonly waits: boolean;
  /** Of a partial capture or refund, in minor units. */
  readonly partAmount: number;
};

/** The next payment of a mixture. */
export function drawOrder(random: Random, mix: MixName, number: number): Order {
  const card = random.pick(cardsByGroup.get(random.weigh(weightsOf(mix))) ?? testCards);
  const flow = random.weigh(flows);
  const { code, minorPerEuro } = random.weigh(currencies);
  const euros = Math.min(MAX_EUROS, random.spread(MEDIAN_EUROS, SPREAD));
  const amount = Math.max(1, Math.round(euros * minorPerEuro));
  const isRaw = random.chance(RAW_CARD_SHARE);
  return {
    flow,
    waits: random.chance(WAIT_SHARE),
    partAmount: random.integer(1, amount),
    request: {
      amount,
      currency: code,
      payment_method: isRaw ? { card: rawCard(card) } : card.token,
      capture: MANUAL.has(flow) ? "manual" : "automatic",
      reference: `order-${number}`,
      metadata: { flow },
    },
  };
}

function weightsOf(mix: MixName): [CardGroup, number][] {
  return Object.entries(mixes[mix]) as [CardGroup, number][];
}

function groupOf({ token, behaviour }: TestCard): CardGroup {
  const { authorize, refund, isDisputed } = behaviourNamed(behaviour);
  if (SCREENED_TOKENS.has(token)) return "screened";
  if (behaviour.startsWith("fault_")) return "faults";
  if (authorize.kind === "decline") return "declined";
  if (refund !== "succeed") return "refunds";
  return isDisputed ? "disputed" : "approved";
}

function rawCard({ number, brand }: TestCard) {
  return { number, exp_month: 12, exp_year: 2040, cvc: brand === "amex" ? "1234" : "123" };
}
