import type { NamedTemplate } from "../template/named-template.ts";
import type { FunctionName } from "./go-functions.ts";

/**
 * What a Go template's value is. `float` is every number that comes from values (Helm reads them as float64), `int` every
 * number that Go computed. `scalar` may be a string, a number or a boolean; `any` may be everything.
 */
export type Shape = "string" | "int" | "float" | "bool" | "mapping" | "list" | "scalar" | "any";

/** The part of JSON Schema that expressions look at, to know shapes and bounds. */
export type SchemaNode = {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minProperties?: number;
};

/** One value of a loop. Its identity, not its name, is what an evaluation looks up. */
export type Variable = { readonly kind: "variable"; readonly name: string; readonly schema: SchemaNode };

/** An expression as data: printed by print-expression.ts, computed by evaluate.ts. */
export type ExpressionNode =
  | { readonly kind: "literal"; readonly value: string | boolean | number | bigint }
  | { readonly kind: "root"; readonly name: RootName; readonly schema: SchemaNode }
  | { readonly kind: "field"; readonly of: ExpressionNode; readonly key: string; readonly schema: SchemaNode }
  /** An entry or an item whose key is computed: `index`. */
  | { readonly kind: "element"; readonly of: ExpressionNode; readonly key: ExpressionNode; readonly schema: SchemaNode }
  | Variable
  | { readonly kind: "call"; readonly name: FunctionName; readonly args: readonly ExpressionNode[] }
  | { readonly kind: "include"; readonly template: NamedTemplate }
  | {
      readonly kind: "choose";
      readonly condition: ExpressionNode;
      readonly chosen: ExpressionNode;
      readonly otherwise: ExpressionNode;
    }
  | { readonly kind: "text"; readonly parts: readonly ExpressionNode[] }
  | { readonly kind: "unquoted"; readonly of: ExpressionNode }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "checksum"; readonly file: string }
  | { readonly kind: "capability"; readonly apiVersion: string };

export type RootName = "Values" | "Release" | "Chart";

/** The node of an expression. A symbol, so that a reference may have any key as a property. */
export const NODE = Symbol("node");
declare const TYPE: unique symbol;

/**
 * An expression of a Helm template whose value is a T: `string`, `boolean`, `number` for numbers from values, `bigint` for
 * numbers that Go computed (`int`, `add`, `len`, ...). Go refuses to compare the two: write `gt(int(v.replicas), 1)`.
 */
export type Expr<T = unknown> = { readonly [NODE]: ExpressionNode; readonly [TYPE]?: T };

/** What a function takes for a T: an expression, or a constant where one can be written. */
export type Arg<T> = Expr<T> | Literal<T>;
type Literal<T> = T extends string | boolean ? T : T extends bigint ? bigint | number : never;

export function expr<T>(node: ExpressionNode): Expr<T> {
  return { [NODE]: node };
}

export function isExpr(value: unknown): value is Expr {
  return typeof value === "object" && value !== null && NODE in value;
}

/** The node of an expression, or a literal for a constant; whole numbers are Go's int. */
export function nodeOf(arg: Expr | string | boolean | number | bigint): ExpressionNode {
  if (isExpr(arg)) return arg[NODE];
  if (typeof arg === "number" && Number.isSafeInteger(arg)) return { kind: "literal", value: BigInt(arg) };
  return { kind: "literal", value: arg };
}
