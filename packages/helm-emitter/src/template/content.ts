import { type Arg, type Expr, type ExpressionNode, isExpr, nodeOf, type Variable } from "../expression/expression.ts";
import { type Ref, refOf } from "../expression/references.ts";
import { itemSchema } from "../expression/shape.ts";

/**
 * What may stand in an object: JSON, expressions, and directives. An expression of a scalar prints as `{{ }}`, one of a mapping or
 * a list as a block (`toYaml | nindent`). `undefined` leaves a key out.
 */
export type Content =
  | null
  | boolean
  | number
  | string
  | Expr
  | Directive
  | readonly Content[]
  | { readonly [key: string]: Content | undefined };

export const DIRECTIVE = Symbol("directive");

/** `if` tests a condition; `with` tests the value that its body is about, and prints it as the dot. */
export type Guard = { readonly kind: "if" | "with"; readonly condition: ExpressionNode };

export type Directive = { readonly [DIRECTIVE]: DirectiveNode };

export type DirectiveNode =
  | { readonly kind: "guard"; readonly guard: Guard; readonly content: Content; readonly otherwise?: Content }
  | Loop<Content>
  | { readonly kind: "spread"; readonly of: ExpressionNode }
  | { readonly kind: "entry"; readonly key: ExpressionNode; readonly content: Content }
  | { readonly kind: "merged"; readonly parts: readonly MappingPart[] }
  | { readonly kind: "yamlText"; readonly content: Content };

/** `range $key, $value := over`; the key is only declared when the body uses it. */
export type Loop<Body> = {
  readonly kind: "each";
  readonly over: ExpressionNode;
  readonly key: Variable;
  readonly value: Variable;
  readonly body: Body;
};

type MappingPart = Expr | Directive | { readonly [key: string]: Content | undefined };

/** What a loop over a T hands out: items and their index, or values and their key. */
export type ItemOf<C> = C extends readonly (infer I)[] ? I : C extends Readonly<Record<string, infer V>> ? V : never;
export type KeyOf<C> = C extends readonly unknown[] ? bigint : string;

function directive(node: DirectiveNode): Directive {
  return { [DIRECTIVE]: node };
}

export function directiveOf(content: Content | undefined): DirectiveNode | undefined {
  return typeof content === "object" && content !== null && DIRECTIVE in content
    ? (content as Directive)[DIRECTIVE]
    : undefined;
}

/** The value of a key, or an item of a list, that is there when the condition is true in Go's sense. */
export function when(condition: Expr, content: Content, otherwise?: Content): Directive {
  const guard: Guard = { kind: "if", condition: nodeOf(condition) };
  return directive({ kind: "guard", guard, content, ...(otherwise === undefined ? {} : { otherwise }) });
}

/** The same with the value itself as the condition: `{{- with .Values.nodeSelector }}`. Without content it is the value. */
export function whenSet(value: Expr, content: Content = value): Directive {
  return directive({ kind: "guard", guard: { kind: "with", condition: nodeOf(value) }, content });
}

/**
 * Items of a list, one for each item or entry of a collection; with `entry` also entries of a mapping. `name` is the variable's name in
 * the template, in the singular: `host` prints as `$host`.
 */
export function each<C>(
  over: Expr<C>,
  name: string,
  body: (item: Ref<ItemOf<NonNullable<C>>>, key: Expr<KeyOf<NonNullable<C>>>) => Content,
): Directive {
  return directive(loopOver(over, name, body));
}

/** A loop with any kind of body. */
export function loopOver<C, Body>(
  over: Expr<C>,
  name: string,
  body: (item: Ref<ItemOf<NonNullable<C>>>, key: Expr<KeyOf<NonNullable<C>>>) => Body,
): Loop<Body> {
  const node = nodeOf(over);
  const keyType = isKeyed(node) ? "string" : "integer";
  const value: Variable = { kind: "variable", name, schema: itemSchema(node) };
  const key: Variable = {
    kind: "variable",
    name: keyType === "string" ? `${name}Key` : `${name}Index`,
    schema: { type: keyType },
  };
  return { kind: "each", over: node, key, value, body: body(refOf(value), refOf(key)) };
}

function isKeyed(node: ExpressionNode): boolean {
  return (node.kind === "field" || node.kind === "variable") && node.schema.type === "object";
}

/** All items of a list that is an expression, among other items. */
export function spread(items: Expr<readonly unknown[] | undefined>): Directive {
  return directive({ kind: "spread", of: nodeOf(items) });
}

/** An entry of a mapping whose key is an expression: the body of an `each` in `merged` or `merge`. */
export function entry(key: Arg<string>, content: Content): Directive {
  return directive({ kind: "entry", key: nodeOf(isExpr(key) ? key : String(key)), content });
}

/** A mapping of several parts: objects, expressions of mappings (values, named templates), `when`s of them, `each` with `entry`. */
export function merged(...parts: readonly MappingPart[]): Directive {
  return directive({ kind: "merged", parts });
}

/**
 * Content printed as YAML into a text: a configuration file in a ConfigMap, with its own expressions, blocks and guards. The proof compares what it
 * says, not its bytes.
 */
export function yamlText(content: Content): Directive {
  return directive({ kind: "yamlText", content });
}
