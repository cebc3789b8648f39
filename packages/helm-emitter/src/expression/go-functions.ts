import { compareCodePoints } from "../json.ts";
import type { Shape } from "./expression.ts";
import {
  compareValues,
  divide,
  equalValues,
  larger,
  lengthOf,
  overwritten,
  remainder,
  requireBool,
  requireInt,
  requireList,
  requireMap,
  requireText,
  sameDeeply,
  smaller,
  toInt64,
} from "./go-operation.ts";
import { goJson, goPrintf, goQuote, goTrunc, sha256Hex } from "./go-text.ts";
import { type GoValue, isTrue, strval } from "./go-value.ts";

/** A function of Go's templates, of sprig or of Helm. */
type GoFunction = {
  /** What comes out; `joined` is what the arguments have in common. */
  readonly result: Shape | "joined";
  /** True when people write it behind a pipe: `.Values.name | trunc 63`. Its last argument is the piped one. */
  readonly pipe?: true;
  /** Arguments in Go's order. @throws TemplateError where Go would stop */
  readonly apply: (args: readonly GoValue[]) => GoValue;
};

const arithmetic = (fold: (a: bigint, b: bigint) => bigint): GoFunction => ({
  result: "int",
  apply: (args) => args.map(toInt64).reduce(fold),
});

const comparison = (holds: (order: number) => boolean): GoFunction => ({
  result: "bool",
  apply: ([a = null, b = null]) => holds(compareValues(a, b)),
});

/** From texts to a text: such functions are piped. */
const filter = (apply: (...texts: string[]) => string): GoFunction => ({
  result: "string",
  pipe: true,
  apply: (args) => apply(...args.map(requireText)),
});

/** From anything to a text. */
const filterAny = (apply: (value: GoValue) => string): GoFunction => ({
  result: "string",
  pipe: true,
  apply: ([value = null]) => apply(value),
});

const textTest = (holds: (part: string, text: string) => boolean): GoFunction => ({
  result: "bool",
  apply: ([part = null, text = null]) => holds(requireText(part), requireText(text)),
});

/** Every function that an expression may call: nothing random, nothing that asks the cluster. */
const table = {
  and: { result: "joined", apply: (args) => firstOrLast(args, (arg) => !isTrue(arg)) },
  or: { result: "joined", apply: (args) => firstOrLast(args, isTrue) },
  not: { result: "bool", apply: ([value = null]) => !isTrue(value) },
  empty: { result: "bool", apply: ([value = null]) => !isTrue(value) },
  eq: { result: "bool", apply: ([first = null, ...rest]) => rest.some((other) => equalValues(first, other)) },
  ne: { result: "bool", apply: ([a = null, b = null]) => !equalValues(a, b) },
  lt: comparison((order) => order < 0),
  le: comparison((order) => order <= 0),
  gt: comparison((order) => order > 0),
  ge: comparison((order) => order >= 0),
  ternary: { result: "joined", apply: ([yes = null, no = null, test = null]) => (requireBool(test) ? yes : no) },
  default: {
    result: "joined",
    pipe: true,
    apply: ([fallback = null, value = null]) => (isTrue(value) ? value : fallback),
  },
  coalesce: { result: "joined", apply: (args) => args.find(isTrue) ?? null },
  int: { result: "int", apply: ([value = null]) => toInt64(value) },
  int64: { result: "int", pipe: true, apply: ([value = null]) => toInt64(value) },
  add: arithmetic((a, b) => a + b),
  sub: arithmetic((a, b) => a - b),
  mul: arithmetic((a, b) => a * b),
  div: arithmetic(divide),
  mod: arithmetic(remainder),
  max: arithmetic(larger),
  min: arithmetic(smaller),
  len: { result: "int", apply: ([value = null]) => BigInt(lengthOf(value)) },
  has: {
    result: "bool",
    apply: ([item = null, list = null]) => requireList(list).some((one) => sameDeeply(one, item)),
  },
  hasKey: { result: "bool", apply: ([map = null, key = null]) => Object.hasOwn(requireMap(map), requireText(key)) },
  list: { result: "list", apply: (args) => args },
  concat: { result: "list", apply: (args) => args.flatMap(requireList) },
  mergeOverwrite: { result: "mapping", apply: (args) => args.map(requireMap).reduce(overwritten, {}) },
  keys: { result: "list", apply: ([map = null]) => Object.keys(requireMap(map)) },
  sortAlpha: {
    result: "list",
    pipe: true,
    apply: ([list = null]) => requireList(list).map(strval).sort(compareCodePoints),
  },
  printf: { result: "string", apply: ([format = null, ...args]) => goPrintf(requireText(format), args) },
  quote: filterAny((value) => (value === null ? "" : goQuote(strval(value)))),
  toString: filterAny((value) => strval(value)),
  toJson: filterAny(goJson),
  sha256sum: filter((text = "") => sha256Hex(text)),
  b64enc: filter((text = "") => Buffer.from(text, "utf8").toString("base64")),
  lower: filter((text = "") => text.toLowerCase()),
  upper: filter((text = "") => text.toUpperCase()),
  trimSuffix: filter((suffix = "", text = "") =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  trimPrefix: filter((prefix = "", text = "") => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  replace: filter((from = "", to = "", text = "") => text.replaceAll(from, () => to)),
  contains: textTest((part, text) => text.includes(part)),
  hasPrefix: textTest((prefix, text) => text.startsWith(prefix)),
  hasSuffix: textTest((suffix, text) => text.endsWith(suffix)),
  trunc: {
    result: "string",
    pipe: true,
    apply: ([length = null, text = null]) => goTrunc(Number(requireInt(length)), requireText(text)),
  },
  join: {
    result: "string",
    pipe: true,
    apply: ([separator = null, list = null]) =>
      requireList(list)
        .filter((item) => item !== null)
        .map(strval)
        .join(requireText(separator)),
  },
} satisfies Record<string, GoFunction>;

function firstOrLast(args: readonly GoValue[], wanted: (arg: GoValue) => boolean): GoValue {
  const at = args.findIndex(wanted);
  return args.at(at) ?? null;
}

export type FunctionName = keyof typeof table;
export const goFunctions: Readonly<Record<FunctionName, GoFunction>> = table;
