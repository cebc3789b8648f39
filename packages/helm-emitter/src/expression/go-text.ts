import { createHash } from "node:crypto";
import { type GoValue, goTypeOf, isGoList, isGoMap, sortedEntries, strval, TemplateError } from "./go-value.ts";

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  '"': '\\"',
  "\\": "\\\\",
};

/** What Go prints as it is: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** strconv.Quote, which is fmt's %q. What it writes is a double-quoted scalar of YAML too. */
export function goQuote(text: string): string {
  return `"${[...text].map(quoteRune).join("")}"`;
}

function quoteRune(rune: string): string {
  const short = SHORT_ESCAPES[rune];
  if (short !== undefined) return short;
  if (PRINTABLE.test(rune)) return rune;
  const code = rune.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x1_00_00 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** encoding/json's text: keys in the order of their bytes, no spaces, and what HTML minds escaped. */
export function goJson(value: GoValue): string {
  if (value === null) return "null";
  if (typeof value === "string") return jsonString(value);
  if (typeof value === "number") return jsonNumber(value);
  if (isGoList(value)) return `[${value.map(goJson).join(",")}]`;
  if (isGoMap(value)) {
    return `{${sortedEntries(value)
      .map(([key, item]) => `${jsonString(key)}:${goJson(item)}`)
      .join(",")}}`;
  }
  return String(value);
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** JSON numbers of Go and JavaScript agree but for the sign of zero. */
function jsonNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}

/**
 * fmt.Sprintf for the verbs %s, %d, %v, %q and %%. Where Go would print an error into the text (`%!d(float64=3)`) this throws.
 * @throws TemplateError when verbs and arguments do not fit together
 */
export function goPrintf(format: string, args: readonly GoValue[]): string {
  const rest = [...args];
  const text = format.replace(/%(.)?/g, (_, verb: string | undefined) => {
    if (verb === "%") return "%";
    if (rest.length === 0) throw new TemplateError(`printf ${goQuote(format)}: there are more verbs than arguments`);
    return formatVerb(verb ?? "", rest.shift() ?? null);
  });
  if (rest.length > 0) throw new TemplateError(`printf ${goQuote(format)}: there are more arguments than verbs`);
  return text;
}

function formatVerb(verb: string, value: GoValue): string {
  if (verb === "v") return strval(value);
  if (verb === "s" && typeof value === "string") return value;
  if (verb === "q" && typeof value === "string") return goQuote(value);
  if (verb === "d" && typeof value === "bigint") return String(value);
  const hint = verb === "d" && typeof value === "number" ? ": wrap it with int" : "";
  throw new TemplateError(`printf: %${verb} cannot print a ${goTypeOf(value)}${hint}`);
}

/** Cuts at bytes as Go does; a rune that is cut in two becomes U+FFFD, which nobody wants, so it is refused. */
export function goTrunc(length: number, text: string): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= Math.abs(length)) return text;
  const cut = length < 0 ? bytes.subarray(bytes.length + length) : bytes.subarray(0, length);
  const result = cut.toString("utf8");
  if (!Buffer.from(result, "utf8").equals(cut)) throw new TemplateError(`trunc ${length} cuts a character in two`);
  return result;
}

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
