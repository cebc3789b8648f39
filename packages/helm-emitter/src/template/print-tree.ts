import { ChartDefinitionError } from "../chart-definition-error.ts";
import type { ExpressionNode } from "../expression/expression.ts";
import { goQuote } from "../expression/go-text.ts";
import { type PrintScope, printPipeline, withDot, withVariables } from "../expression/print-expression.ts";
import { isNeverEmpty } from "../expression/shape.ts";
import { inConventionalOrder, withSlotFirst } from "./key-order.ts";
import { type PrintedValue, printScalar, printScalarExpression } from "./print-value.ts";
import type { Child, EachChild, GuardChild, MapNode, Slot, TreeNode } from "./tree.ts";
import { usesVariable } from "./uses-variable.ts";
import { escapeTemplate, yamlText } from "./yaml-scalar.ts";

const STEP = 2;

/** The lines of a mapping whose keys stand at `indent`. The tree must have been settled. */
export function printMap(tree: MapNode, indent: number, scope: PrintScope, parentKey?: string): string[] {
  const children = inConventionalOrder(tree.children, parentKey);
  return children.flatMap((child) => printChild(child, indent, scope, printEntry));
}

function printItems(children: readonly Child[], indent: number, scope: PrintScope): string[] {
  return children.flatMap((child) => printChild(child, indent, scope, printItem));
}

type PrintSlot = (slot: Slot, indent: number, scope: PrintScope) => string[];

function printChild(child: Child, indent: number, scope: PrintScope, printSlot: PrintSlot): string[] {
  switch (child.kind) {
    case "slot":
      return printSlot(child, indent, scope);
    case "guard":
      return printGuard(child, indent, scope, printSlot);
    case "each":
      return printLoop(child, indent, scope, printSlot);
    case "spread":
      return printSpread(child.of, indent, scope);
  }
}

function printGuard(child: GuardChild, indent: number, scope: PrintScope, printSlot: PrintSlot): string[] {
  const { kind, condition } = child.guard;
  const pad = " ".repeat(indent);
  const inner = kind === "with" ? withDot(scope, condition) : scope;
  const print = (children: readonly Child[], within: PrintScope) =>
    children.flatMap((one) => printChild(one, indent, within, printSlot));
  const otherwise = print(child.otherwise, scope);
  return [
    `${pad}{{- ${kind} ${printPipeline(condition, scope)} }}`,
    ...print(child.children, inner),
    ...(otherwise.length === 0 ? [] : [`${pad}{{- else }}`, ...otherwise]),
    `${pad}{{- end }}`,
  ];
}

function printLoop(child: EachChild, indent: number, scope: PrintScope, printSlot: PrintSlot): string[] {
  const pad = " ".repeat(indent);
  const { header, inner } = loopHeader(
    child,
    scope,
    child.children.some((one) => usesVariable(one, child.key)),
  );
  const body = child.children.flatMap((one) => printChild(one, indent, inner, printSlot));
  return [`${pad}${header}`, ...body, `${pad}{{- end }}`];
}

/** `{{- range $key, $value := over }}` and what can be seen inside. */
export function loopHeader(
  loop: Pick<EachChild, "over" | "key" | "value">,
  scope: PrintScope,
  usesKey: boolean,
): { readonly header: string; readonly inner: PrintScope } {
  const { dot: _, ...outer } = scope;
  const variables = usesKey ? [loop.key, loop.value] : [loop.value];
  const names = variables.map(({ name }) => `$${name}`).join(", ");
  return {
    header: `{{- range ${names} := ${printPipeline(loop.over, scope)} }}`,
    inner: withVariables(outer, variables),
  };
}

function printSpread(of: ExpressionNode, indent: number, scope: PrintScope): string[] {
  const pad = " ".repeat(indent);
  if (isNeverEmpty(of)) return [`${pad}${printBlock(of, indent, scope)}`];
  const inner = withDot(scope, of);
  return [
    `${pad}{{- with ${printPipeline(of, scope)} }}`,
    `${pad}${printBlock(of, indent, inner)}`,
    `${pad}{{- end }}`,
  ];
}

function printBlock(node: ExpressionNode, indent: number, scope: PrintScope): string {
  if (node.kind === "include") {
    // At the left margin nothing needs an indentation, and nothing stands before.
    const include = printPipeline(node, scope);
    return indent === 0 ? `{{ ${include} }}` : `{{- ${include} | nindent ${indent} }}`;
  }
  const operand = printPipeline(node, scope);
  const yaml = operand.includes(" ") ? `toYaml (${operand})` : `toYaml ${operand}`;
  return `{{- ${yaml} | nindent ${indent} }}`;
}

function printEntry(slot: Slot, indent: number, scope: PrintScope): string[] {
  const pad = " ".repeat(indent);
  const name = typeof slot.key === "string" ? slot.key : undefined;
  return behind(`${pad}${printKey(slot, scope)}:`, slot.value, indent, scope, name);
}

function printKey(slot: Slot, scope: PrintScope): string {
  if (typeof slot.key === "string") return escapeTemplate(yamlText(slot.key));
  if (slot.key === undefined) throw new ChartDefinitionError("an entry of a mapping needs a key");
  return printScalarExpression(slot.key, scope).inline;
}

function printItem(slot: Slot, indent: number, scope: PrintScope): string[] {
  const pad = " ".repeat(indent);
  const { value } = slot;
  if (value.kind !== "map" || value.children.length === 0) return behind(`${pad}-`, value, indent, scope);
  const ordered: MapNode = { kind: "map", children: withSlotFirst(inConventionalOrder(value.children, undefined)) };
  const lines = ordered.children.flatMap((child) => printChild(child, indent + STEP, scope, printEntry));
  const [first = "", ...rest] = lines;
  return ordered.children[0]?.kind === "slot" ? [`${pad}- ${first.trimStart()}`, ...rest] : [`${pad}-`, ...lines];
}

/** A value behind `key:` or `-`, in its line or below. */
function behind(head: string, value: TreeNode, indent: number, scope: PrintScope, key?: string): string[] {
  const pad = " ".repeat(indent + STEP);
  const printed = (one: PrintedValue) => [
    `${head} ${one.inline}`,
    ...(one.lines ?? []).map((line) => (line === "" ? "" : `${pad}${line}`)),
  ];
  switch (value.kind) {
    case "scalar":
      return printed(printScalar(value.value));
    case "expression":
      return printed(printScalarExpression(value.node, scope));
    case "block":
      return [head, `${pad}${printBlock(value.node, indent + STEP, scope)}`];
    case "yamlText":
      return [`${head} |`, ...printYamlText(value.tree, indent + STEP, scope)];
    case "map":
      return value.children.length === 0 ? [`${head} {}`] : [head, ...printMap(value, indent + STEP, scope, key)];
    case "list":
      return value.children.length === 0 ? [`${head} []`] : [head, ...printItems(value.children, indent + STEP, scope)];
  }
}

function printYamlText(tree: TreeNode, indent: number, scope: PrintScope): string[] {
  if (tree.kind === "map" && tree.children.length > 0) {
    return tree.children.flatMap((child) => printChild(child, indent, scope, printEntry));
  }
  if (tree.kind === "list" && tree.children.length > 0) return printItems(tree.children, indent, scope);
  if (tree.kind === "block") return [`${" ".repeat(indent)}${printBlock(tree.node, indent, scope)}`];
  throw new ChartDefinitionError(`yamlText needs a mapping or a list, ${goQuote(tree.kind)} is none`);
}
