import { evaluateNode, type Scope } from "../expression/evaluate.ts";
import type { ExpressionNode } from "../expression/expression.ts";
import {
  type GoMap,
  type GoValue,
  isGoList,
  isGoMap,
  isTrue,
  sortedEntries,
  TemplateError,
} from "../expression/go-value.ts";
import type { Child, EachChild, MapNode, Slot, TreeNode } from "./tree.ts";
import { YamlText } from "./yaml-text.ts";

/**
 * What YAML reads from the printed tree. Trees must have been settled (see settle-tree.ts), as those of a chart are.
 * @throws TemplateError where Helm would stop, and for a key that occurs twice
 */
export function evaluateTree(tree: TreeNode, scope: Scope): GoValue {
  switch (tree.kind) {
    case "scalar":
      return tree.value;
    case "expression":
      return evaluateNode(tree.node, scope);
    case "block":
      return evaluateNode(tree.node, scope);
    case "yamlText":
      return new YamlText(evaluateTree(tree.tree, scope)) as unknown as GoValue;
    case "list":
      return tree.children.flatMap((child) => itemsOf(child, scope));
    case "map":
      return evaluateMap(tree, scope);
  }
}

function evaluateMap(tree: MapNode, scope: Scope): GoMap {
  const entries = tree.children.flatMap((child) => entriesOf(child, scope));
  const keys = new Set<string>();
  for (const [key] of entries) {
    if (keys.has(key)) throw new TemplateError(`the key ${key} occurs twice in one mapping`);
    keys.add(key);
  }
  return Object.fromEntries(entries);
}

function entriesOf(child: Child, scope: Scope): [string, GoValue][] {
  switch (child.kind) {
    case "slot":
      return [[keyOf(child, scope), evaluateTree(child.value, scope)]];
    case "spread":
      return sortedEntries(spreadValue(child.of, child, scope, isGoMap, {}));
    default:
      return within(child, scope, entriesOf);
  }
}

function itemsOf(child: Child, scope: Scope): GoValue[] {
  switch (child.kind) {
    case "slot":
      return [evaluateTree(child.value, scope)];
    case "spread":
      return [...spreadValue(child.of, child, scope, isGoList, [])];
    default:
      return within(child, scope, itemsOf);
  }
}

function keyOf(slot: Slot, scope: Scope): string {
  if (typeof slot.key !== "object") return slot.key ?? "";
  const key = evaluateNode(slot.key, scope);
  if (typeof key === "string") return key;
  throw new TemplateError("a key is no text");
}

/** A spread prints under `with`: an empty collection adds nothing. */
function spreadValue<T extends GoValue>(
  of: ExpressionNode,
  child: Child,
  scope: Scope,
  isKind: (value: GoValue) => value is T,
  none: T,
): T {
  const value = evaluateNode(of, scope);
  scope.observe(child, isTrue(value));
  if (!isTrue(value)) return none;
  if (isKind(value)) return value;
  throw new TemplateError("entries can be put into a mapping only, items into a list only");
}

function within<T>(
  child: Exclude<Child, Slot | { kind: "spread" }>,
  scope: Scope,
  valuesOf: (child: Child, scope: Scope) => T[],
): T[] {
  if (child.kind === "guard") {
    const holds = isTrue(evaluateNode(child.guard.condition, scope));
    scope.observe(child, holds);
    return (holds ? child.children : child.otherwise).flatMap((inner) => valuesOf(inner, scope));
  }
  const scopes = loopScopes(child, scope);
  scope.observe(child, scopes.length > 0);
  return scopes.flatMap((inner) => child.children.flatMap((body) => valuesOf(body, inner)));
}

/** One scope for each turn of a loop. */
export function loopScopes(loop: Pick<EachChild, "over" | "key" | "value">, scope: Scope): Scope[] {
  return turnsOf(evaluateNode(loop.over, scope)).map(([key, value]) => ({
    ...scope,
    variables: new Map(scope.variables).set(loop.key, key).set(loop.value, value),
  }));
}

function turnsOf(over: GoValue): [GoValue, GoValue][] {
  if (over === null) return [];
  if (isGoList(over)) return over.map((item, index) => [BigInt(index), item]);
  if (isGoMap(over)) return sortedEntries(over);
  throw new TemplateError("range can't iterate over a scalar");
}
