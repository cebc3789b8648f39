import { type Arg, type Expr, type ExpressionNode, expr, isExpr, nodeOf, type SchemaNode } from "./expression.ts";
import type { FunctionName } from "./go-functions.ts";
import { type Ref, refOf } from "./references.ts";
import { hasSchema, itemSchema, wholeNumber } from "./shape.ts";

/** What Go computes numbers from: Go converts, so numbers from values need no `int` here. */
type IntArg = Expr<bigint> | Expr<number> | number | bigint;
type AnyArg = Expr | string | boolean | number | bigint;
/** What Go's comparisons accept: not numbers from values, which are float64. */
type Comparable = string | boolean | bigint;
/** A literal type widened, so that `eq(v.mode, "dev")` compares texts. */
type Wide<T> = T extends string ? string : T extends boolean ? boolean : T;

function call<T>(name: FunctionName, ...args: AnyArg[]): Expr<T> {
  return expr({ kind: "call", name, args: args.map(nodeOf) });
}

/** True when the value is empty in Go's sense: nil, false, 0, "", an empty list or map. */
export const not = (value: Expr): Expr<boolean> => call("not", value);
export const and = <T>(...conditions: [Expr<T>, Expr<T>, ...Expr<T>[]]): Expr<T> => call("and", ...conditions);
export const or = <T>(...conditions: [Expr<T>, Expr<T>, ...Expr<T>[]]): Expr<T> => call("or", ...conditions);

/** True when `value` equals one of the others. Numbers from values must be wrapped with `int`. */
export const eq = <T extends Comparable>(value: Expr<T>, ...others: [Arg<Wide<T>>, ...Arg<Wide<T>>[]]): Expr<boolean> =>
  call("eq", value, ...(others as AnyArg[]));
export const ne = <T extends Comparable>(value: Expr<T>, other: Arg<Wide<T>>): Expr<boolean> =>
  call("ne", value, other as AnyArg);
export const lt = (a: Expr<bigint>, b: Arg<bigint>): Expr<boolean> => call("lt", a, b);
export const le = (a: Expr<bigint>, b: Arg<bigint>): Expr<boolean> => call("le", a, b);
export const gt = (a: Expr<bigint>, b: Arg<bigint>): Expr<boolean> => call("gt", a, b);
export const ge = (a: Expr<bigint>, b: Arg<bigint>): Expr<boolean> => call("ge", a, b);

/** `yes` when the condition holds. Go computes both: for values that may be missing use `choose`. */
export const ternary = <T>(condition: Expr<boolean>, yes: Arg<T>, no: Arg<T>): Expr<T> =>
  call("ternary", yes as AnyArg, no as AnyArg, condition);

/** sprig's `default`: the fallback for nil and for 0, false, "" and empty collections alike. */
export const defaultTo = <T>(value: Expr<T>, fallback: Arg<Wide<NonNullable<T>>>): Expr<NonNullable<T>> =>
  call("default", fallback as AnyArg, value);
/** The first value that is not empty. */
export const coalesce = <T>(...values: [Expr<T>, ...Arg<T>[]]): Expr<T> => call("coalesce", ...(values as AnyArg[]));

/** A number from values as Go's int, for comparisons, `printf("%d")` and numbers that may be large. */
export const int = (value: Expr<number> | Expr<bigint>): Expr<bigint> => call("int", value);
/** The sum; `add` is the overlay. */
export const sum = (first: IntArg, ...rest: [IntArg, ...IntArg[]]): Expr<bigint> => call("add", first, ...rest);
export const sub = (a: IntArg, b: IntArg): Expr<bigint> => call("sub", a, b);
export const mul = (first: IntArg, ...rest: [IntArg, ...IntArg[]]): Expr<bigint> => call("mul", first, ...rest);
/** Without the fraction. */
export const div = (a: IntArg, b: IntArg): Expr<bigint> => call("div", a, b);
export const mod = (a: IntArg, b: IntArg): Expr<bigint> => call("mod", a, b);
export const max = (first: IntArg, ...rest: [IntArg, ...IntArg[]]): Expr<bigint> => call("max", first, ...rest);
export const min = (first: IntArg, ...rest: [IntArg, ...IntArg[]]): Expr<bigint> => call("min", first, ...rest);
/** Bytes of a text, items of a list, keys of a map. */
export const len = (value: Expr): Expr<bigint> => call("len", value);

/** Go's Sprintf with %s (texts), %d (ints: wrap numbers from values with `int`), %v, %q and %%. */
export const printf = (format: string, ...args: AnyArg[]): Expr<string> => call("printf", format, ...args);
/**
 * A scalar as a text where Kubernetes wants a string: `value: {{ .Values.port | quote }}`. Texts are quoted there anyway. As an argument of another function
 * it is the text in double quotes.
 */
export const quote = (value: AnyArg): Expr<string> => call("quote", isExpr(value) ? wholeNumber(value) : value);
/** A scalar as a text inside other texts. */
export const toText = (value: Expr): Expr<string> => call("toString", wholeNumber(value));
export const toJson = (value: Expr): Expr<string> => call("toJson", value);
export const join = (list: Expr<readonly unknown[] | undefined>, separator: string): Expr<string> =>
  call("join", separator, list);
export const sha256sum = (text: Expr<string>): Expr<string> => call("sha256sum", text);
export const b64enc = (text: Expr<string>): Expr<string> => call("b64enc", text);
export const lower = (text: Expr<string>): Expr<string> => call("lower", text);
export const upper = (text: Expr<string>): Expr<string> => call("upper", text);
/** At most so many bytes: from the start, or from the end when negative. */
export const trunc = (text: Expr<string>, length: number): Expr<string> => call("trunc", length, text);
export const trimSuffix = (text: Expr<string>, suffix: string): Expr<string> => call("trimSuffix", suffix, text);
export const trimPrefix = (text: Expr<string>, prefix: string): Expr<string> => call("trimPrefix", prefix, text);
export const replace = (text: Expr<string>, from: string, to: string): Expr<string> => call("replace", from, to, text);
export const contains = (text: Expr<string>, part: Arg<string>): Expr<boolean> => call("contains", part, text);
export const hasPrefix = (text: Expr<string>, prefix: Arg<string>): Expr<boolean> => call("hasPrefix", prefix, text);
export const hasSuffix = (text: Expr<string>, suffix: Arg<string>): Expr<boolean> => call("hasSuffix", suffix, text);

export const list = <T>(...items: Arg<T>[]): Expr<readonly T[]> => call("list", ...(items as AnyArg[]));
export const concat = <T>(...lists: Expr<readonly T[]>[]): Expr<readonly T[]> => call("concat", ...lists);
/** True when the list holds the item. */
export const has = <T>(items: Expr<readonly T[]>, item: Arg<T>): Expr<boolean> => call("has", item as AnyArg, items);
export const hasKey = (map: Expr, key: string): Expr<boolean> => call("hasKey", map, key);
/**
 * Several maps as one, where a later one's entries win: for maps that users may give the same key in, such as labels of
 * everything and labels of one pod. Side by side in one mapping they would print the key twice.
 */
export const overwrite = <T>(...maps: [Expr<T>, Expr<T>, ...Expr<T>[]]): Expr<T> => call("mergeOverwrite", ...maps);
/** A map's keys in their order: `keys` alone has none. */
export const sortedKeys = (map: Expr): Expr<readonly string[]> => call("sortAlpha", call("keys", map));
/** One entry of a map with free keys, nil when it is missing; or one item of a list. */
export function at<T>(of: Expr<Readonly<Record<string, T>> | readonly T[]>, key: Arg<string> | Arg<bigint>): Ref<T> {
  const node = nodeOf(of);
  const schema = hasSchema(node) ? itemSchema(node) : {};
  // Printed like any other key; an entry of a map may be missing.
  if (typeof key === "string")
    return refOf({ kind: "field", of: node, key, schema: { ...schema, "~optional": true } as SchemaNode });
  return refOf({ kind: "element", of: node, key: nodeOf(key), schema });
}

/** One of two, of which only the chosen one is computed. In an argument of another function put it into a named template. */
export const choose = <T>(condition: Expr, then: Arg<T>, otherwise: Arg<T>): Expr<T> =>
  expr({
    kind: "choose",
    condition: nodeOf(condition),
    chosen: nodeOf(then as AnyArg),
    otherwise: nodeOf(otherwise as AnyArg),
  });

/** Text around expressions: text`http://${host}:${v.port}/`. Prints as it is written, `{{ }}` where an expression stands. */
export function text(strings: TemplateStringsArray, ...args: AnyArg[]): Expr<string> {
  const parts: ExpressionNode[] = strings.flatMap((part, index) => {
    const arg = args[index];
    const literal: ExpressionNode[] = part === "" ? [] : [{ kind: "literal", value: part }];
    return arg === undefined ? literal : [...literal, nodeOf(isExpr(arg) ? wholeNumber(arg) : arg)];
  });
  return expr({ kind: "text", parts });
}

/** A text that is never quoted where it stands as a value: its author vouches that YAML cannot mistake it. */
export const unquoted = (value: Expr<string>): Expr<string> => expr({ kind: "unquoted", of: nodeOf(value) });

/** The text of a file of the chart that is not a template: `.Files.Get`. */
export const fileText = (path: string): Expr<string> => expr({ kind: "file", path });

/** The SHA-256 of a template file as it is rendered, for the annotation that restarts pods when a ConfigMap changes. */
export const checksum = (file: string): Expr<string> => expr({ kind: "checksum", file });
