import { invariant } from "./assert.ts";
import { type Currency, currencyExponent } from "./currency.ts";

/** An amount in minor units with its currency. Never a float; amounts of two currencies never meet. */
export type Money = {
  readonly amountMinor: bigint;
  readonly currency: Currency;
};

/** The smallest and largest amount of one payment, in minor units. */
export const AMOUNT_MIN = 1;
export const AMOUNT_MAX = 1_000_000_000_000;

/** Money of `amountMinor` minor units; negative amounts are allowed here, a payment's bounds are checked at its door. */
export function money(amountMinor: bigint, currency: Currency): Money {
  return { amountMinor, currency };
}

/** The sum. Throws InvariantViolation when the currencies differ. */
export function add(a: Money, b: Money): Money {
  invariant(a.currency === b.currency, `cannot add ${b.currency} to ${a.currency}`);
  return { amountMinor: a.amountMinor + b.amountMinor, currency: a.currency };
}

/** The difference. Throws InvariantViolation when the currencies differ. */
export function subtract(a: Money, b: Money): Money {
  invariant(a.currency === b.currency, `cannot subtract ${b.currency} from ${a.currency}`);
  return { amountMinor: a.amountMinor - b.amountMinor, currency: a.currency };
}

/** `19.99 EUR`, `1999 JPY`, `1.999 KWD`: for people and logs, exact, with the currency's own decimals. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const exponent = currencyExponent(currency);
  const sign = amountMinor < 0n ? "-" : "";
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(exponent + 1, "0");
  if (exponent === 0) return `${sign}${digits} ${currency}`;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)} ${currency}`;
}

/**
 * The reverse of formatMoney: `"19.99", EUR` -> 1999 minor units. Undefined for anything but digits with at most the
 * currency's decimals; nothing is rounded.
 */
export function parseMoney(text: string, currency: Currency): Money | undefined {
  const exponent = currencyExponent(currency);
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  if (fraction.length > exponent) return undefined;
  const minor = BigInt(whole + fraction.padEnd(exponent, "0"));
  return { amountMinor: sign === "-" ? -minor : minor, currency };
}
