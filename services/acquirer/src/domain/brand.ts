export type Brand = "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "unknown";

/** Ranges of the first digits; the first that fits decides. */
const prefixes: readonly { readonly brand: Brand; readonly pattern: RegExp }[] = [
  { brand: "visa", pattern: /^4/ },
  { brand: "mastercard", pattern: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/ },
  { brand: "amex", pattern: /^3[47]/ },
  { brand: "diners", pattern: /^3(0[0-5]|[689])/ },
  { brand: "jcb", pattern: /^35(2[89]|[3-8])/ },
  { brand: "discover", pattern: /^6(011|4[4-9]|5)/ },
  { brand: "unionpay", pattern: /^62/ },
];

/** The card's network by its first digits. */
export function brandOf(number: string): Brand {
  return prefixes.find(({ pattern }) => pattern.test(number))?.brand ?? "unknown";
}
