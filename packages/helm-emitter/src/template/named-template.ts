import { type Expr, type ExpressionNode, expr, nodeOf } from "../expression/expression.ts";
import type { Content } from "./content.ts";
import { settleTree } from "./settle-tree.ts";
import { type MapNode, mapOf } from "./tree.ts";

/** A `define` in `_helpers.tpl`; `include` is its use. */
export type NamedTemplate<T = unknown> = {
  readonly name: string;
  /** Printed above it: what it is for. */
  readonly comment: string;
  readonly body:
    | { readonly kind: "text"; readonly node: ExpressionNode }
    | { readonly kind: "mapping"; readonly tree: MapNode };
  readonly include: Expr<T>;
};

/** A named text, for example `textTemplate("shop.fullname", "Name of everything.", trunc(...))`. */
export function textTemplate(name: string, comment: string, value: Expr<string>): NamedTemplate<string> {
  return withInclude(name, comment, { kind: "text", node: nodeOf(value) });
}

/** A named mapping that is never empty, for example the labels; it may hold guards and the includes of others. */
export function mappingTemplate(
  name: string,
  comment: string,
  content: Content,
): NamedTemplate<Record<string, string>> {
  return withInclude(name, comment, { kind: "mapping", tree: settleTree(mapOf(content, name), name) });
}

function withInclude<T>(name: string, comment: string, body: NamedTemplate["body"]): NamedTemplate<T> {
  const template = { name, comment, body } as { -readonly [K in keyof NamedTemplate<T>]: NamedTemplate<T>[K] };
  template.include = expr({ kind: "include", template });
  return template;
}
