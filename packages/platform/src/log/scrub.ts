/**
 * Takes card data and credentials out of text before it leaves the process. It works on finished text, at any depth, so that neither a new
 * field nor an error's message can slip past a list of paths.
 */

/** Fields whose values are never written, whatever they hold. */
const SECRET_FIELDS = [
  "cvc",
  "cvc2",
  "cvv",
  "cvv2",
  "pan",
  "number",
  "card_number",
  "cardNumber",
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "password",
  "secret",
  "client_secret",
  "api_key",
  "apiKey",
  "private_key",
  "privateKey",
  "access_token",
  "refresh_token",
  "internal_token",
];

/** A field and its value in JSON, also where that JSON stands as text inside JSON. */
const secretField = new RegExp(
  String.raw`(\\*")(${SECRET_FIELDS.join("|")})\1(\s*:\s*)(?:\1(?:(?!\1)(?:\\.|[^\\]))*\1|[^\s,{}[\]"]+)`,
  "gi",
);

/** API keys of merchants and bearer tokens. */
const credential = /\b(sk|rk|whsec)_([a-z]+_)?[A-Za-z0-9+/=_-]{8,}|\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/g;

/** 13 to 19 digits, alone or with single blanks or hyphens between them (ISO/IEC 7812 allows 8 to 19; no scheme issues fewer than 13). */
const digits = /(?<![0-9A-Za-z])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])/g;

const quickTest = /\d(?:[ -]?\d){12}|"|\b(?:sk|rk|whsec)_|Bearer/;

/** Free text without card numbers and credentials: `4242 4242 4242 4242` becomes `424242******4242`. */
export function scrub(text: string): string {
  if (!quickTest.test(text)) return text;
  return text
    .replace(secretField, "$1$2$1$3$1[redacted]$1")
    .replace(credential, "[redacted]")
    .replace(digits, (run) => (isCardNumber(run) ? masked(run) : run));
}

/** The same for a line of JSON, which stays valid: a card number that stands as a bare number becomes a text. */
export function scrubLine(line: string): string {
  const clean = line.replace(secretField, "$1$2$1$3$1[redacted]$1").replace(credential, "[redacted]");
  return clean.search(digits) < 0 ? clean : clean.replace(jsonToken, scrubToken);
}

const jsonToken = /"(?:[^"\\]|\\.)*"|\d{13,19}/g;

function scrubToken(token: string): string {
  if (token.startsWith('"')) return token.replace(digits, (run) => (isCardNumber(run) ? masked(run) : run));
  return isCardNumber(token) ? `"${masked(token)}"` : token;
}

/** True for digits that a card could bear: a major industry identifier of cards and a right Luhn digit (ISO/IEC 7812-1, annex B). */
function isCardNumber(run: string): boolean {
  const number = run.replace(/[ -]/g, "");
  // A leading 1 is an airline's card of 15 digits; other lengths are milliseconds since 1970.
  if (number.startsWith("0") || (number.startsWith("1") && number.length !== 15)) return false;
  let sum = 0;
  for (let place = 0; place < number.length; place += 1) {
    const digit = number.charCodeAt(number.length - 1 - place) - 48;
    const doubled = place % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function masked(run: string): string {
  const number = run.replace(/[ -]/g, "");
  return `${number.slice(0, 6)}${"*".repeat(number.length - 10)}${number.slice(-4)}`;
}
