import { type ExpressionNode, nodeOf, type Variable } from "../expression/expression.ts";
import { type PrintScope, printPipeline, TOP } from "../expression/print-expression.ts";
import { withSlotFirst } from "../template/key-order.ts";
import type { NamedTemplate } from "../template/named-template.ts";
import { loopHeader, printMap } from "../template/print-tree.ts";
import { printFreeText } from "../template/print-value.ts";
import type { MapNode } from "../template/tree.ts";
import { mentions, treeUses } from "../template/uses-variable.ts";
import type { Check, Document, TemplateFile } from "./document.ts";

/** A file below templates/, as a person would write it. Several objects are separated by `---`. */
export function printFile(file: TemplateFile, generator: string): string {
  const isSingle = countsOne(file.documents);
  const lines = file.documents.flatMap((document) => printDocument(document, TOP, !isSingle));
  return `${heading(generator, file.comment)}\n${lines.join("\n")}\n`;
}

function heading(generator: string, comment?: string): string {
  const first = `Written by ${generator}; do not edit.`;
  const text = comment === undefined ? first : `${first}\n     ${comment}`;
  return `{{- /* ${text.replaceAll("*/", "* /")} */ -}}`;
}

/** True when at most one object can come out, so that nothing needs to be separated. */
function countsOne(documents: readonly Document[]): boolean {
  const [only, ...others] = documents;
  if (only === undefined) return true;
  if (others.length > 0 || only.kind === "each") return false;
  return only.kind === "object" || countsOne(only.documents);
}

function printDocument(document: Document, scope: PrintScope, isSeparated: boolean): string[] {
  switch (document.kind) {
    case "object":
      return [...(isSeparated ? ["---"] : []), ...printMap(document.tree, 0, scope)];
    case "guard": {
      const { kind, condition } = document.guard;
      // The dot stays what it is: whole objects would be hard to read with another one.
      const inner = document.documents.flatMap((one) =>
        printDocument(one, kind === "with" ? { ...scope, root: "$" } : scope, isSeparated),
      );
      return [`{{- ${kind} ${printPipeline(condition, scope)} }}`, ...inner, "{{- end }}"];
    }
    case "each": {
      const usesKey = document.body.some((one) => documentUses(one, document.key));
      const { header, inner } = loopHeader(document, scope, usesKey);
      return [header, ...document.body.flatMap((one) => printDocument(one, inner, isSeparated)), "{{- end }}"];
    }
  }
}

function documentUses(document: Document, variable: Variable): boolean {
  switch (document.kind) {
    case "object":
      return treeUses(document.tree, variable);
    case "guard":
      return (
        mentions(document.guard.condition, variable) || document.documents.some((one) => documentUses(one, variable))
      );
    case "each":
      return mentions(document.over, variable) || document.body.some((one) => documentUses(one, variable));
  }
}

/** `_helpers.tpl`: every named template under its comment. */
export function printNamedTemplates(templates: readonly NamedTemplate[], generator: string): string {
  return `${[heading(generator), ...templates.map(printNamedTemplate)].join("\n\n")}\n`;
}

export function printNamedTemplate({ name, comment, body }: NamedTemplate): string {
  const lines = body.kind === "mapping" ? printMap(headFirst(body.tree), 0, TOP) : printTextBody(body.node);
  return [`{{/*\n${comment}\n*/}}`, `{{- define "${name}" -}}`, ...lines, "{{- end }}"].join("\n");
}

/** What is always there comes first: a guard would leave an empty line behind. */
function headFirst(tree: MapNode): MapNode {
  const [first] = tree.children;
  return first?.kind === "spread" ? tree : { ...tree, children: withSlotFirst(tree.children) };
}

/** A text with nothing around it: `{{-` takes away the line breaks between its lines. */
function printTextBody(node: ExpressionNode): string[] {
  return node.kind === "choose" ? [...printBranches(node, "if"), "{{- end }}"] : [`{{- ${printPipeline(node, TOP)} }}`];
}

function printBranches(node: ExpressionNode & { kind: "choose" }, word: "if" | "else if"): string[] {
  const { condition, chosen, otherwise } = node;
  const alternative =
    otherwise.kind === "choose" ? printBranches(otherwise, "else if") : ["{{- else }}", ...printTextBody(otherwise)];
  return [`{{- ${word} ${printPipeline(condition, TOP)} }}`, ...printTextBody(chosen), ...alternative];
}

/** A template that prints nothing and stops the chart when a rule is broken. */
export function printChecks(checks: readonly Check[], generator: string): string {
  const lines = checks.flatMap(({ failsIf, message }) => [
    `{{- if ${printPipeline(nodeOf(failsIf), TOP)} }}`,
    `{{- fail ${asArgument(nodeOf(message))} }}`,
    "{{- end }}",
  ]);
  return `${heading(generator, "Rules that values.schema.json cannot say.")}\n${lines.join("\n")}\n`;
}

function asArgument(node: ExpressionNode): string {
  const text = printPipeline(node, TOP);
  return node.kind === "literal" ? text : `(${text})`;
}

export function printNotes(notes: ExpressionNode): string {
  return printFreeText(notes, TOP);
}
