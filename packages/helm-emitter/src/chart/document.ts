import { type Arg, type Expr, type ExpressionNode, nodeOf } from "../expression/expression.ts";
import type { Ref } from "../expression/references.ts";
import { applyOverlays } from "../template/apply-overlays.ts";
import { type Content, type Guard, type ItemOf, type KeyOf, type Loop, loopOver } from "../template/content.ts";
import type { Overlay } from "../template/overlay.ts";
import { settleTree } from "../template/settle-tree.ts";
import type { MapNode } from "../template/tree.ts";

/** What a template file is made of: objects, and guards and loops around them. */
export type Document =
  /** `name` is for messages. */
  | { readonly kind: "object"; readonly name: string; readonly tree: MapNode }
  | { readonly kind: "guard"; readonly guard: Guard; readonly documents: readonly Document[] }
  | Loop<readonly Document[]>;

/**
 * One object: plain JSON (or content) with overlays laid on it.
 * @throws ChartDefinitionError when a path matches nothing or two overlays contradict each other
 */
export function kubeObject(content: Content, overlays: readonly Overlay[] = []): Document {
  return applyOverlays(content, overlays);
}

/** Objects that are there when the condition is true in Go's sense. */
export function whenObjects(condition: Expr, documents: readonly Document[]): Document {
  return { kind: "guard", guard: { kind: "if", condition: nodeOf(condition) }, documents };
}

/** Objects for each item of a list or each entry of a map. */
export function eachObject<C>(
  over: Expr<C>,
  name: string,
  body: (item: Ref<ItemOf<NonNullable<C>>>, key: Expr<KeyOf<NonNullable<C>>>) => readonly Document[],
): Document {
  return loopOver(over, name, body);
}

/** A file below `templates/`. */
export type TemplateFile = {
  /** From the chart's folder: `templates/api/deployment.yaml`. */
  readonly path: string;
  /** A line for its reader, under the one that names the generator. */
  readonly comment?: string;
  readonly documents: readonly Document[];
};

/** The chart stops with the message when the condition is true: rules with arithmetic, which JSON Schema cannot say. */
export type Check = { readonly failsIf: Expr; readonly message: Arg<string> };

/** The document with its trees settled (see settle-tree.ts), by what is known to hold around them. */
export function settleDocument(document: Document, conditions: readonly ExpressionNode[] = []): Document {
  switch (document.kind) {
    case "object":
      return { ...document, tree: settleTree(document.tree, document.name, conditions) };
    case "guard": {
      const known = [...conditions, document.guard.condition];
      return { ...document, documents: document.documents.map((one) => settleDocument(one, known)) };
    }
    case "each":
      return { ...document, body: document.body.map((one) => settleDocument(one, conditions)) };
  }
}
