import { type ExpressionNode, nodeOf } from "../expression/expression.ts";
import type { NamedTemplate } from "../template/named-template.ts";
import type { Child, TreeNode } from "../template/tree.ts";
import { partsOf } from "../template/uses-variable.ts";
import type { ChartOptions } from "./chart.ts";
import type { Document } from "./document.ts";

/** Every expression in a chart's files, named templates, checks and notes, with those that it is made of. */
export function chartExpressions(chart: ChartOptions): ExpressionNode[] {
  const { templates = [], checks = [], notes, files } = chart;
  return [
    ...templates.flatMap(templateExpressions),
    ...files.flatMap(({ documents }) => documents.flatMap(documentExpressions)),
    ...checks.flatMap(({ failsIf, message }) => [nodeOf(failsIf), nodeOf(message)]),
    ...(notes === undefined ? [] : [nodeOf(notes)]),
  ].flatMap(withParts);
}

function withParts(node: ExpressionNode): ExpressionNode[] {
  return [node, ...partsOf(node).flatMap(withParts)];
}

function templateExpressions({ body }: NamedTemplate): ExpressionNode[] {
  return body.kind === "text" ? [body.node] : treeExpressions(body.tree);
}

function documentExpressions(document: Document): ExpressionNode[] {
  switch (document.kind) {
    case "object":
      return treeExpressions(document.tree);
    case "guard":
      return [document.guard.condition, ...document.documents.flatMap(documentExpressions)];
    case "each":
      return [document.over, ...document.body.flatMap(documentExpressions)];
  }
}

function treeExpressions(tree: TreeNode): ExpressionNode[] {
  switch (tree.kind) {
    case "scalar":
      return [];
    case "expression":
    case "block":
      return [tree.node];
    case "yamlText":
      return treeExpressions(tree.tree);
    case "map":
    case "list":
      return tree.children.flatMap(childExpressions);
  }
}

function childExpressions(child: Child): ExpressionNode[] {
  switch (child.kind) {
    case "slot":
      return [...(typeof child.key === "object" ? [child.key] : []), ...treeExpressions(child.value)];
    case "guard":
      return [child.guard.condition, ...[...child.children, ...child.otherwise].flatMap(childExpressions)];
    case "each":
      return [child.over, ...child.children.flatMap(childExpressions)];
    case "spread":
      return [child.of];
  }
}
