/**
 * ISO 4217:2015, list one, amendment 179 (pinned): the codes of money in circulation by the number of decimals of their minor unit.
 * Funds codes, metals and test codes are left out on purpose. A provider's exceptions (Stripe's ISK, say) belong to its adapter.
 */
const codesByExponent = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE
      CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW
      KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
      PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
      UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: "BHD IQD JOD KWD LYD OMR TND",
} as const;

export type Currency = string & { readonly __brand: "Currency" };

const exponents: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByExponent).flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(exponent)]),
  ),
);

/** All known codes, sorted. */
export const currencies: readonly string[] = [...exponents.keys()].sort();

/** True for an upper-case ISO 4217 code of the pinned table. */
export function isCurrency(code: string): code is Currency {
  return exponents.has(code);
}

/** Decimals of the currency's minor unit: 0, 2 or 3. */
export function currencyExponent(currency: Currency): number {
  return exponents.get(currency) ?? raiseUnknown(currency);
}

function raiseUnknown(currency: string): never {
  throw new RangeError(`${currency} is not in the pinned ISO 4217 table`);
}
