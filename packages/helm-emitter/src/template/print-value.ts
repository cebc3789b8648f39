import { ChartDefinitionError } from "../chart-definition-error.ts";
import type { ExpressionNode } from "../expression/expression.ts";
import { type PrintScope, printPipeline } from "../expression/print-expression.ts";
import { isPlainShape, shapeOf } from "../expression/shape.ts";
import { escapeTemplate, isBlockText, yamlText } from "./yaml-scalar.ts";

/** A value behind its key or dash: in the same line, or a header in that line and lines below. */
export type PrintedValue = { readonly inline: string; readonly lines?: readonly string[] };

export function printScalar(value: null | boolean | number | string): PrintedValue {
  if (typeof value !== "string") return { inline: JSON.stringify(value) };
  if (!isBlockText(value)) return { inline: escapeTemplate(yamlText(value)) };
  return { inline: value.endsWith("\n") ? "|" : "|-", lines: escapeTemplate(value.replace(/\n$/, "")).split("\n") };
}

/** A scalar in `{{ }}`: texts quoted, unless none of their values needs it; what may be text or number as JSON, which YAML reads. */
export function printScalarExpression(node: ExpressionNode, scope: PrintScope): PrintedValue {
  if (node.kind === "choose")
    return { inline: printStatement(node, (inner) => printScalarExpression(inner, scope).inline, scope) };
  if (node.kind === "literal") return printScalar(typeof node.value === "bigint" ? Number(node.value) : node.value);
  if (node.kind === "text" && isMultiLine(node)) return { inline: "|", lines: printTextLines(node, scope) };
  return { inline: `{{ ${printPipeline(inValuePlace(node), scope)} }}` };
}

function inValuePlace(node: ExpressionNode): ExpressionNode {
  if (isPlainShape(node)) return node;
  const shape = shapeOf(node);
  if (shape === "scalar") return { kind: "call", name: "toJson", args: [node] };
  const isConverted = node.kind === "call" && node.name === "toString" && node.args[0] !== undefined;
  return { kind: "call", name: "quote", args: [isConverted ? (node.args[0] as ExpressionNode) : node] };
}

type Choose = ExpressionNode & { kind: "choose" };

/** `{{ if }}a{{ else }}b{{ end }}` in one line. */
function printStatement(node: Choose, print: (node: ExpressionNode) => string, scope: PrintScope): string {
  const [then, otherwise] = [print(node.chosen), print(node.otherwise)];
  const alternative = otherwise === "" ? "" : `{{ else }}${otherwise}`;
  return `{{ if ${printPipeline(node.condition, scope)} }}${then}${alternative}{{ end }}`;
}

export function isMultiLine(node: ExpressionNode): boolean {
  if (node.kind === "literal") return String(node.value).includes("\n");
  if (node.kind === "choose") return isMultiLine(node.chosen) || isMultiLine(node.otherwise);
  return node.kind === "text" && node.parts.some(isMultiLine);
}

/** A text of several lines, each as it is written. It ends with one line break. */
function printTextLines(node: ExpressionNode, scope: PrintScope): string[] {
  const text = printFreeText(node, scope);
  if (!text.endsWith("\n") || /^\s/.test(text)) {
    throw new ChartDefinitionError(`a text of several lines starts with a word and ends with a line break: ${text}`);
  }
  return text.slice(0, -1).split("\n");
}

/** Text as it is, expressions in `{{ }}`: NOTES.txt, lines of a block. */
export function printFreeText(node: ExpressionNode, scope: PrintScope): string {
  if (node.kind === "literal") return escapeTemplate(String(node.value));
  if (node.kind === "choose") return printStatement(node, (inner) => printFreeText(inner, scope), scope);
  if (node.kind !== "text") return `{{ ${printPipeline(node, scope)} }}`;
  const text = node.parts.map((part) => printFreeText(part, scope));
  // A brace before `{{` would be read as a part of it.
  return text.map((part, at) => (text[at + 1]?.startsWith("{{") ? part.replace(/\{$/, '{{ "{" }}') : part)).join("");
}
