import { compareCodePoints } from "../json.ts";
import { type GoMap, type GoValue, goTypeOf, isGoList, isGoMap, TemplateError } from "./go-value.ts";

/** sprig's toInt64, for the types that the DSL lets through: a float64 loses its fraction, nil is 0. */
export function toInt64(value: GoValue): bigint {
  if (value === null) return 0n;
  if (typeof value === "bigint") return BigInt.asIntN(64, value);
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return BigInt(Math.trunc(value));
  throw new TemplateError(`a ${goTypeOf(value)} is no number`);
}

export function larger(a: bigint, b: bigint): bigint {
  if (a < b) return b;
  return a;
}

export function smaller(a: bigint, b: bigint): bigint {
  return larger(a, b) === a ? b : a;
}

export function divide(a: bigint, b: bigint): bigint {
  return a / requireDivisor(b);
}

export function remainder(a: bigint, b: bigint): bigint {
  return a % requireDivisor(b);
}

function requireDivisor(value: bigint): bigint {
  if (value === 0n) throw new TemplateError("integer divide by zero");
  return value;
}

/** text/template's eq: basic kinds of one kind, and nil, which equals only nil. */
export function equalValues(a: GoValue, b: GoValue): boolean {
  if (a === null || b === null) return a === b;
  requireComparable(a, b);
  return a === b;
}

/** text/template's lt and its kin, as the sign of a difference. */
export function compareValues(a: GoValue, b: GoValue): number {
  requireComparable(a, b);
  if (typeof a === "string" && typeof b === "string") return compareCodePoints(a, b);
  if (typeof a === "boolean") throw new TemplateError("invalid type for comparison: bool");
  if (a === null || b === null) throw new TemplateError("invalid type for comparison: nil");
  return a < b ? -1 : a > b ? 1 : 0;
}

function requireComparable(a: GoValue, b: GoValue): void {
  for (const value of [a, b]) {
    if (typeof value === "object" && value !== null) {
      throw new TemplateError(`invalid type for comparison: ${goTypeOf(value)}`);
    }
  }
  if (goTypeOf(a) === goTypeOf(b)) return;
  const hint = [a, b].some((value) => typeof value === "number") ? ": wrap the number from values with int" : "";
  throw new TemplateError(`incompatible types for comparison: ${goTypeOf(a)} and ${goTypeOf(b)}${hint}`);
}

/** reflect.DeepEqual, by which sprig's has finds an item. */
export function sameDeeply(a: GoValue, b: GoValue): boolean {
  if (isGoList(a) && isGoList(b))
    return a.length === b.length && a.every((item, at) => sameDeeply(item, b[at] ?? null));
  if (isGoMap(a) && isGoMap(b)) {
    const [left, right] = [Object.entries(a), Object.keys(b)];
    return left.length === right.length && left.every(([key, item]) => key in b && sameDeeply(item, b[key] ?? null));
  }
  return a === b;
}

export function lengthOf(value: GoValue): number {
  if (typeof value === "string") return Buffer.byteLength(value, "utf8");
  if (isGoList(value)) return value.length;
  if (isGoMap(value)) return Object.keys(value).length;
  throw new TemplateError(`len of ${goTypeOf(value)}`);
}

/** `index`: a missing key of a map is nil, a missing place of a list an error. */
export function elementOf(of: GoValue, key: GoValue): GoValue {
  if (isGoMap(of)) return Object.hasOwn(of, requireText(key)) ? (of[requireText(key)] ?? null) : null;
  if (!isGoList(of)) throw new TemplateError(`index of ${goTypeOf(of)}`);
  const item = of[Number(requireInt(key))];
  if (item === undefined) throw new TemplateError(`index out of range: ${key}`);
  return item;
}

export function requireText(value: GoValue): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`wrong type: expected string, got ${goTypeOf(value)}`);
}

export function requireInt(value: GoValue): bigint {
  if (typeof value === "bigint") return value;
  throw new TemplateError(`wrong type: expected int, got ${goTypeOf(value)}`);
}

export function requireBool(value: GoValue): boolean {
  if (typeof value === "boolean") return value;
  throw new TemplateError(`wrong type: expected bool, got ${goTypeOf(value)}`);
}

export function requireList(value: GoValue): readonly GoValue[] {
  if (isGoList(value)) return value;
  throw new TemplateError(`wrong type: expected a list, got ${goTypeOf(value)}`);
}

export function requireMap(value: GoValue): GoMap {
  if (isGoMap(value)) return value;
  throw new TemplateError(`wrong type: expected a map, got ${goTypeOf(value)}`);
}

/** sprig's mergeOverwrite: maps merge deeply, otherwise the later value wins, whatever it is. */
export function overwritten(earlier: GoMap, later: GoMap): GoMap {
  const merged: Record<string, GoValue> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    const known = merged[key] ?? null;
    merged[key] = isGoMap(known) && isGoMap(value) ? overwritten(known, value) : value;
  }
  return merged;
}
