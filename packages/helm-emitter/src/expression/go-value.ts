import { compareCodePoints } from "../json.ts";

/** A value inside a Go template: null is nil, a number is a float64 (whatever came from values), a bigint an int or int64. */
export type GoValue = null | boolean | number | bigint | string | readonly GoValue[] | GoMap;
export type GoMap = { readonly [key: string]: GoValue };

/** What Go's template engine would refuse at this place, with the same values. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

export function isGoMap(value: GoValue): value is GoMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isGoList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

/** The word for a value's type in messages, as Go says it. */
export function goTypeOf(value: GoValue): string {
  if (value === null) return "nil";
  if (isGoList(value)) return "[]interface {}";
  if (isGoMap(value)) return "map[string]interface {}";
  return { boolean: "bool", number: "float64", bigint: "int", string: "string" }[
    typeof value as "boolean" | "number" | "bigint" | "string"
  ];
}

/** Go iterates over a map by its keys' bytes. */
export function sortedEntries(map: GoMap): [string, GoValue][] {
  return Object.entries(map).sort(([a], [b]) => compareCodePoints(a, b));
}

/** text/template's truth, which is sprig's `not empty` too: zero values and empty collections are false. */
export function isTrue(value: GoValue): boolean {
  if (isGoList(value)) return value.length > 0;
  if (value !== null && isGoMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A value as `{{ value }}` prints it. Helm removes `<no value>`, which is what nil prints. */
export function printed(value: GoValue): string {
  return value === null ? "" : strval(value);
}

/** fmt's %v for scalars. Go's print of a collection is never meant, so it is refused. */
export function strval(value: GoValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatFloat(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value === null) return "<nil>";
  throw new TemplateError(`a ${goTypeOf(value)} would be printed in Go's notation: use toJson or toYaml`);
}

/** fmt's %v of a float64: the shortest digits, with an exponent from 1e+06 up and below 1e-04. */
export function formatFloat(value: number): string {
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < EXPONENT_FROM) return Object.is(value, -0) ? "-0" : String(value);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const EXPONENT_FROM = 6;
