import { ChartDefinitionError } from "../chart-definition-error.ts";
import { type ExpressionNode, expr, isExpr, nodeOf, type Variable } from "../expression/expression.ts";
import { shapeOf, wholeNumber } from "../expression/shape.ts";
import { type Content, type DirectiveNode, directiveOf, type Guard } from "./content.ts";

/** A template as data: what the overlays change, the printer prints and the evaluation computes. */
export type TreeNode =
  | { readonly kind: "scalar"; readonly value: null | boolean | number | string }
  /** A scalar in `{{ }}`. */
  | { readonly kind: "expression"; readonly node: ExpressionNode }
  /** A mapping or a list: `toYaml | nindent`, or the include of a named mapping. */
  | { readonly kind: "block"; readonly node: ExpressionNode }
  | { readonly kind: "yamlText"; readonly tree: TreeNode }
  | MapNode
  | ListNode;

export type MapNode = { readonly kind: "map"; readonly children: Child[] };
export type ListNode = { readonly kind: "list"; readonly children: Child[] };

/** A child of a mapping or of a list; in a list slots have no key. */
export type Child = Slot | GuardChild | EachChild | SpreadChild;
export type Slot = { readonly kind: "slot"; readonly key?: string | ExpressionNode; value: TreeNode };
export type GuardChild = {
  readonly kind: "guard";
  readonly guard: Guard;
  readonly children: Child[];
  readonly otherwise: Child[];
};
export type EachChild = {
  readonly kind: "each";
  readonly over: ExpressionNode;
  readonly key: Variable;
  readonly value: Variable;
  readonly children: Child[];
};
/** All entries or items of an expression. */
export type SpreadChild = { readonly kind: "spread"; readonly of: ExpressionNode };

/** The tree of a content. @throws ChartDefinitionError when a directive stands where it means nothing */
export function treeOf(content: Content, at: string): TreeNode {
  if (isExpr(content)) return expressionTree(nodeOf(content));
  const directive = directiveOf(content);
  if (directive?.kind === "yamlText") return { kind: "yamlText", tree: treeOf(directive.content, at) };
  if (directive?.kind === "each") return loopTree(directive, content, at);
  if (directive?.kind === "merged") return { kind: "map", children: mapChildren(content, at) };
  if (directive !== undefined) {
    throw new ChartDefinitionError(
      `${at}: ${words[directive.kind]} must stand as an item of a list or a value of a key`,
    );
  }
  if (Array.isArray(content)) return { kind: "list", children: content.flatMap((item) => listChildren(item, at)) };
  if (typeof content === "object" && content !== null) return { kind: "map", children: mapChildren(content, at) };
  return { kind: "scalar", value: content as null | boolean | number | string };
}

/** A loop as a value: a mapping when it yields entries, else a list. */
function loopTree(directive: DirectiveNode, content: Content, at: string): TreeNode {
  if (yieldsEntries(directive)) return { kind: "map", children: mapChildren(content, at) };
  return { kind: "list", children: listChildren(content, at) };
}

function yieldsEntries(directive: DirectiveNode | undefined): boolean {
  if (directive?.kind === "each") return yieldsEntries(directiveOf(directive.body));
  if (directive?.kind === "guard") return yieldsEntries(directiveOf(directive.content));
  return directive?.kind === "entry";
}

const words: Readonly<Record<DirectiveNode["kind"], string>> = {
  guard: "when",
  each: "each",
  spread: "spread",
  entry: "entry",
  merged: "merged",
  yamlText: "yamlText",
};

/** The tree of a content that must be a mapping. */
export function mapOf(content: Content, at: string): MapNode {
  const tree = treeOf(content, at);
  if (tree.kind === "map") return tree;
  throw new ChartDefinitionError(`${at} must be a mapping`);
}

/** An expression where a value stands: a scalar in `{{ }}`, or a block. A text is quoted there anyway, so `quote` only says "as a text". */
function expressionTree(node: ExpressionNode): TreeNode {
  const shape = shapeOf(node);
  if (shape === "mapping" || shape === "list" || shape === "any") return { kind: "block", node };
  if (node.kind === "call" && node.name === "quote") return { kind: "expression", node: { ...node, name: "toString" } };
  return { kind: "expression", node: nodeOf(wholeNumber(expr(node))) };
}

/** What a content adds to a mapping. */
export function mapChildren(content: Content, at: string): Child[] {
  if (isExpr(content)) return [{ kind: "spread", of: mappingNode(nodeOf(content), at) }];
  const directive = directiveOf(content);
  if (directive !== undefined) return directiveChildren(directive, at, mapChildren);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ChartDefinitionError(`${at}: only entries can be put into a mapping`);
  }
  return Object.entries(content).flatMap(([key, value]) =>
    value === undefined ? [] : slotChildren(key, value as Content, `${at}.${key}`),
  );
}

function mappingNode(node: ExpressionNode, at: string): ExpressionNode {
  if (shapeOf(node) === "mapping" || shapeOf(node) === "any") return node;
  throw new ChartDefinitionError(`${at}: a ${shapeOf(node)} cannot be put into a mapping`);
}

/** One entry; a guard around its value becomes a guard around the entry. */
export function slotChildren(key: string | ExpressionNode, content: Content, at: string): Child[] {
  const directive = directiveOf(content);
  if (directive?.kind !== "guard") return [{ kind: "slot", key, value: treeOf(content, at) }];
  return directiveChildren(directive, at, (inner, where) => slotChildren(key, inner, where));
}

/** What a content adds to a list: itself, or what a directive stands for. An array in a directive is several items. */
export function listChildren(content: Content, at: string): Child[] {
  const directive = directiveOf(content);
  if (
    directive === undefined ||
    directive.kind === "merged" ||
    directive.kind === "yamlText" ||
    yieldsEntries(directive)
  )
    return [{ kind: "slot", value: treeOf(content, at) }];
  return directiveChildren(directive, at, (inner, where) =>
    Array.isArray(inner) ? inner.flatMap((item) => listChildren(item as Content, where)) : listChildren(inner, where),
  );
}

function directiveChildren(
  directive: DirectiveNode,
  at: string,
  childrenOf: (content: Content, at: string) => Child[],
): Child[] {
  switch (directive.kind) {
    case "guard": {
      const { guard, content, otherwise } = directive;
      const alternative = otherwise === undefined ? [] : childrenOf(otherwise, at);
      return [{ kind: "guard", guard, children: childrenOf(content, at), otherwise: alternative }];
    }
    case "each": {
      const { over, key, value, body } = directive;
      return [{ kind: "each", over, key, value, children: childrenOf(body, at) }];
    }
    case "spread":
      return [{ kind: "spread", of: directive.of }];
    case "entry":
      return slotChildren(directive.key, directive.content, at);
    case "merged":
      return directive.parts.flatMap((part) => childrenOf(part as Content, at));
    case "yamlText":
      throw new ChartDefinitionError(`${at}: yamlText is a text, not a mapping or a list`);
  }
}
