import { Problem } from "@kassa/contracts/problem";
import type { TSchema } from "typebox";
import { requireStorableText } from "./parse-json.ts";

type Parse = (text: string) => unknown;

const parsers: Readonly<Record<string, Parse>> = {
  integer: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text),
  number: (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text),
  boolean: (text) => (text === "true" ? true : text === "false" ? false : text),
};

/** Compiles the reading of a query by the types of its schema; a text that is no number stays a text for the validator to refuse. */
export function compileQueryParser(schema: TSchema): (search: string) => Record<string, unknown> {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  return (search) => {
    const query: Record<string, unknown> = {};
    if (search === "") return query;
    for (const [name, text] of new URLSearchParams(search)) {
      requireStorableText(name, "query");
      requireStorableText(text, name);
      if (Object.hasOwn(query, name)) {
        throw new Problem("invalid_request", `${name} is given more than once.`, { param: name });
      }
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const value = parsers[property?.type ?? "string"]?.(text) ?? text;
      Object.defineProperty(query, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return query;
  };
}
