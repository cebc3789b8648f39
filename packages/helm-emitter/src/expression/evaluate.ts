import { evaluateTree } from "../template/evaluate-tree.ts";
import { type Expr, type ExpressionNode, nodeOf, type RootName, type Variable } from "./expression.ts";
import { goFunctions } from "./go-functions.ts";
import { elementOf } from "./go-operation.ts";
import { type GoMap, type GoValue, goTypeOf, isGoMap, isTrue, printed, strval, TemplateError } from "./go-value.ts";

/** What a template can see. */
export type RenderContext = {
  /** The chart's values, merged with its defaults (see mergeValues). Numbers are float64. */
  readonly values: GoMap;
  readonly release: {
    readonly name: string;
    readonly namespace: string;
    readonly isInstall?: boolean;
    readonly isUpgrade?: boolean;
  };
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion: string };
  readonly apiVersions?: readonly string[];
  /** Files of the chart that are not templates, by path. */
  readonly files?: Readonly<Record<string, string>>;
};

/** A context with the variables of the loops around a place, and somebody who wants to know how guards went. */
export type Scope = {
  readonly context: RenderContext;
  readonly variables: ReadonlyMap<Variable, GoValue>;
  readonly observe: (guard: object, isTrue: boolean) => void;
};

/** What stands for a checksum: only the rendered bytes have one, so a comparison treats it by what it is of. */
export const CHECKSUM_PREFIX = "checksum-of:";

export function scopeOf(context: RenderContext, observe: Scope["observe"] = () => undefined): Scope {
  return { context, variables: new Map(), observe };
}

/**
 * The value of an expression, by the rules of Go's templates and sprig. nil is null, a Go int a bigint.
 * @throws TemplateError where Helm would stop
 */
export function evaluate(expression: Expr, context: RenderContext): GoValue {
  return evaluateNode(nodeOf(expression), scopeOf(context));
}

export function evaluateNode(node: ExpressionNode, scope: Scope): GoValue {
  switch (node.kind) {
    case "literal":
      return node.value;
    case "root":
      return rootValue(node.name, scope.context);
    case "field":
      return fieldValue(evaluateNode(node.of, scope), node.key);
    case "element":
      return elementOf(evaluateNode(node.of, scope), evaluateNode(node.key, scope));
    case "variable":
      return variableValue(node, scope);
    case "call":
      return evaluateCall(node.name, node.args, scope);
    case "choose": {
      const holds = isTrue(evaluateNode(node.condition, scope));
      scope.observe(node, holds);
      return evaluateNode(holds ? node.chosen : node.otherwise, scope);
    }
    case "include": {
      const { body } = node.template;
      const inner: Scope = { ...scope, variables: new Map() };
      return body.kind === "text" ? printed(evaluateNode(body.node, inner)) : evaluateTree(body.tree, inner);
    }
    case "text":
      return evaluateText(node.parts, scope);
    case "unquoted":
      return evaluateNode(node.of, scope);
    case "file":
      return scope.context.files?.[node.path] ?? "";
    case "checksum":
      return `${CHECKSUM_PREFIX}${node.file}`;
    case "capability":
      return scope.context.apiVersions?.includes(node.apiVersion) ?? false;
  }
}

function rootValue(name: RootName, { values, release, chart }: RenderContext): GoValue {
  switch (name) {
    case "Values":
      return values;
    case "Release":
      return {
        Name: release.name,
        Namespace: release.namespace,
        Service: "Helm",
        IsInstall: release.isInstall ?? true,
        IsUpgrade: release.isUpgrade ?? false,
      };
    case "Chart":
      return { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion };
  }
}

function fieldValue(of: GoValue, key: string): GoValue {
  if (of === null) throw new TemplateError(`nil pointer evaluating interface {}.${key}`);
  if (!isGoMap(of)) throw new TemplateError(`can't evaluate field ${key} in type ${goTypeOf(of)}`);
  return Object.hasOwn(of, key) ? (of[key] ?? null) : null;
}

function variableValue(variable: Variable, scope: Scope): GoValue {
  const value = scope.variables.get(variable);
  if (value === undefined) throw new TemplateError(`undefined variable "$${variable.name}"`);
  return value;
}

/**
 * A text in one line prints as printf, one of several lines as a block. A part that is missing would print as an error in the one, and a line
 * break would end the other, so both are refused.
 */
function evaluateText(parts: readonly ExpressionNode[], scope: Scope): string {
  const isMultiLine = parts.some((part) => part.kind === "literal" && String(part.value).includes("\n"));
  const texts = parts.map((part) => {
    const value = evaluateNode(part, scope);
    if (value === null) throw new TemplateError("a part of a text is missing: give it a default");
    const text = strval(value);
    if (isMultiLine && part.kind !== "literal" && part.kind !== "choose" && text.includes("\n")) {
      throw new TemplateError("a part of a text of several lines has a line break: refuse it by the schema");
    }
    return text;
  });
  const text = texts.join("");
  if (isMultiLine && /[^\S\n]\n$|\n\n$|[^\n]$/.test(text)) {
    throw new TemplateError("a text of several lines ends with one line break, before which are no spaces");
  }
  return text;
}

/** `and` and `or` stop at the first argument that decides; every other function gets all of its arguments. */
function evaluateCall(name: keyof typeof goFunctions, args: readonly ExpressionNode[], scope: Scope): GoValue {
  if (name !== "and" && name !== "or") return goFunctions[name].apply(args.map((arg) => evaluateNode(arg, scope)));
  let value: GoValue = null;
  for (const arg of args) {
    value = evaluateNode(arg, scope);
    if (isTrue(value) === (name === "or")) return value;
  }
  return value;
}
