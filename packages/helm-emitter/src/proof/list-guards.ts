import type { Chart } from "../chart/chart.ts";
import type { Document } from "../chart/document.ts";
import { type ExpressionNode, nodeOf } from "../expression/expression.ts";
import { neutralPrint } from "../expression/print-expression.ts";
import { isNeverEmpty } from "../expression/shape.ts";
import type { Child, TreeNode } from "../template/tree.ts";
import { partsOf } from "../template/uses-variable.ts";

/** A place where a template goes one way or the other. Its identity is what an evaluation reports. */
export type ListedGuard = {
  readonly guard: object;
  readonly description: string;
  /** The ways that it can go: a loop over what cannot be empty there goes only one. */
  readonly ways: readonly boolean[];
};

const BOTH = [true, false];

/** The place of a guard, and the conditions that hold there. */
type Place = { readonly at: string; readonly known: readonly string[] };

/** Every guard, loop, spread, `choose` and check of the chart's own files and named templates, those of subcharts not. */
export function listGuards(chart: Chart): ListedGuard[] {
  const templates = (chart.templates ?? []).flatMap(({ name, body }) => {
    const place = { at: name, known: [] };
    return body.kind === "mapping" ? inTree(body.tree, place) : inExpression(body.node, place);
  });
  const files = chart.files.flatMap(({ path, documents }) =>
    documents.flatMap((one) => inDocument(one, { at: path, known: [] })),
  );
  const checks = (chart.checks ?? []).map((check) => ({
    guard: check,
    description: `check: ${neutralPrint(nodeOf(check.failsIf))}`,
    ways: BOTH,
  }));
  return [...templates, ...files, ...checks];
}

function inDocument(document: Document, place: Place): ListedGuard[] {
  switch (document.kind) {
    case "object":
      return inTree(document.tree, { ...place, at: `${place.at}: ${document.name}` });
    case "guard": {
      const { kind, condition } = document.guard;
      const inner = holding(place, condition);
      const description = `${place.at}: ${kind} ${neutralPrint(condition)}`;
      return [
        { guard: document, description, ways: BOTH },
        ...document.documents.flatMap((one) => inDocument(one, inner)),
      ];
    }
    case "each":
      return [
        overCollection(document, "range", document.over, place),
        ...document.body.flatMap((one) => inDocument(one, place)),
      ];
  }
}

function holding({ at, known }: Place, condition: ExpressionNode): Place {
  return { at, known: [...known, neutralPrint(condition)] };
}

function overCollection(guard: object, word: string, over: ExpressionNode, { at, known }: Place): ListedGuard {
  const isFilled = isNeverEmpty(over) || known.includes(neutralPrint(over));
  return { guard, description: `${at}: ${word} ${neutralPrint(over)}`, ways: isFilled ? [true] : BOTH };
}

function inTree(tree: TreeNode, place: Place): ListedGuard[] {
  switch (tree.kind) {
    case "scalar":
      return [];
    case "expression":
    case "block":
      return inExpression(tree.node, place);
    case "yamlText":
      return inTree(tree.tree, place);
    case "map":
    case "list":
      return tree.children.flatMap((child) => inChild(child, place));
  }
}

function inChild(child: Child, place: Place): ListedGuard[] {
  switch (child.kind) {
    case "slot": {
      const inKey = typeof child.key === "object" ? inExpression(child.key, place) : [];
      const at = typeof child.key === "string" ? `${place.at}.${child.key}` : place.at;
      return [...inKey, ...inTree(child.value, { ...place, at })];
    }
    case "spread":
      return child.of.kind === "include" ? [] : [overCollection(child, "with", child.of, place)];
    case "each":
      return [
        overCollection(child, "range", child.over, place),
        ...child.children.flatMap((one) => inChild(one, place)),
      ];
    case "guard": {
      const { kind, condition } = child.guard;
      const inner = holding(place, condition);
      return [
        { guard: child, description: `${place.at}: ${kind} ${neutralPrint(condition)}`, ways: BOTH },
        ...child.children.flatMap((one) => inChild(one, inner)),
        ...child.otherwise.flatMap((one) => inChild(one, place)),
      ];
    }
  }
}

function inExpression(node: ExpressionNode, place: Place): ListedGuard[] {
  const parts = partsOf(node).flatMap((part) => inExpression(part, place));
  if (node.kind !== "choose") return parts;
  return [{ guard: node, description: `${place.at}: choose ${neutralPrint(node.condition)}`, ways: BOTH }, ...parts];
}
