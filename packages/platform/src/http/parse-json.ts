import { isUtf8 } from "node:buffer";
import { Problem } from "@kassa/contracts/problem";

/**
 * The value of a JSON body whose every text PostgreSQL can store.
 * @throws Problem invalid_json, invalid_text
 */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Problem("invalid_json", "The body is not valid UTF-8.");
  const text = bytes.toString("utf8");
  const value = parse(text);
  // In valid UTF-8 both U+0000 and half a surrogate pair can only be written as an escape.
  if (text.includes("\\u")) requireStorableTexts(value);
  return value;
}

/** @throws Problem invalid_text when the text holds U+0000 or half of a surrogate pair */
export function requireStorableText(text: string, param: string): void {
  if (!isStorable(text)) throw unstorable(param);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the body, which may hold a card number.
    throw new Problem("invalid_json", "The body is not valid JSON (RFC 8259).");
  }
}

/** Walks without recursion: a body can be nested deeper than the stack. */
function requireStorableTexts(root: unknown): void {
  const waiting: { readonly value: unknown; readonly path: string }[] = [{ value: root, path: "" }];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const { value, path } = item;
    if (typeof value === "string") {
      if (!isStorable(value)) throw unstorable(path);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (!isStorable(key)) throw unstorable(path);
        waiting.push({ value: inner, path: path === "" ? key : `${path}.${key}` });
      }
    }
  }
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

function unstorable(param: string): Problem {
  return new Problem("invalid_text", "Leave out U+0000 and unpaired surrogates.", {
    param: param === "" ? undefined : param,
  });
}
