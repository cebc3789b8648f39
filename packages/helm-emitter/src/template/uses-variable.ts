import type { ExpressionNode, Variable } from "../expression/expression.ts";
import type { Child, TreeNode } from "./tree.ts";

/** True when the variable occurs below. */
export function usesVariable(child: Child, variable: Variable): boolean {
  const among = (children: readonly Child[]) => children.some((one) => usesVariable(one, variable));
  switch (child.kind) {
    case "slot":
      return (typeof child.key === "object" && mentions(child.key, variable)) || treeUses(child.value, variable);
    case "guard":
      return mentions(child.guard.condition, variable) || among(child.children) || among(child.otherwise);
    case "each":
      return mentions(child.over, variable) || among(child.children);
    case "spread":
      return mentions(child.of, variable);
  }
}

export function treeUses(tree: TreeNode, variable: Variable): boolean {
  switch (tree.kind) {
    case "scalar":
      return false;
    case "expression":
    case "block":
      return mentions(tree.node, variable);
    case "yamlText":
      return treeUses(tree.tree, variable);
    case "map":
    case "list":
      return tree.children.some((child) => usesVariable(child, variable));
  }
}

export function mentions(node: ExpressionNode, variable: Variable): boolean {
  if (node === variable) return true;
  return partsOf(node).some((part) => mentions(part, variable));
}

/** The expressions that an expression is made of. */
export function partsOf(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.kind) {
    case "field":
    case "unquoted":
      return [node.of];
    case "element":
      return [node.of, node.key];
    case "call":
      return node.args;
    case "choose":
      return [node.condition, node.chosen, node.otherwise];
    case "text":
      return node.parts;
    default:
      return [];
  }
}
