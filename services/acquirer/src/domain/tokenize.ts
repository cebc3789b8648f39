import { err, ok, type Result } from "@kassa/kernel/result";
import { brandOf } from "./brand.ts";
import { isLuhnValid } from "./luhn.ts";
import { type Card, DEFAULT_COUNTRY, staticCardOfNumber, testCardOfNumber } from "./test-cards.ts";

export type RawCard = {
  /** 12 to 19 digits. */
  readonly number: string;
  readonly expMonth: number;
  readonly expYear: number;
};

/** Why a card got no token. `member` is the member of the card at fault. */
export type CardInvalid = { readonly member: "number" | "exp_year"; readonly detail: string };

/**
 * What is remembered of a raw card under `token`. Every number with a right check digit is a card that succeeds, unless
 * the table of test cards says otherwise. A card is good until the end of the month of its expiry, in UTC.
 */
export function tokenize(raw: RawCard, token: string, nowMs: number): Result<Card, CardInvalid> {
  if (!isLuhnValid(raw.number)) {
    return err({
      member: "number",
      detail: "The check digit of the card number is wrong; compare the number with the card.",
    });
  }
  if (nowMs >= Date.UTC(raw.expYear, raw.expMonth, 1)) {
    return err({ member: "exp_year", detail: "The card has expired; use another card." });
  }
  const named = staticCardOfNumber(raw.number);
  if (named !== undefined) return ok(named);
  const known = testCardOfNumber(raw.number);
  return ok({
    token,
    brand: known?.brand ?? brandOf(raw.number),
    bin: raw.number.slice(0, 6),
    last4: raw.number.slice(-4),
    expMonth: raw.expMonth,
    expYear: raw.expYear,
    country: known?.country ?? DEFAULT_COUNTRY,
    behaviour: known?.behaviour ?? "approve",
  });
}
