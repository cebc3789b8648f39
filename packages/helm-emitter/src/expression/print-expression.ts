import { ChartDefinitionError } from "../chart-definition-error.ts";
import { type Expr, type ExpressionNode, nodeOf, type Variable } from "./expression.ts";
import { goFunctions } from "./go-functions.ts";
import { goQuote } from "./go-text.ts";
import { shapeOf } from "./shape.ts";

/** Where an expression stands: what the dot is there, and which variables exist. */
export type PrintScope = {
  /** `.` at the top of a template; `$` where `with` or `range` have moved the dot. */
  readonly root: "." | "$";
  /** The value that `with` made the dot. */
  readonly dot?: ExpressionNode;
  readonly variables: readonly Variable[];
};

export const TOP: PrintScope = { root: ".", variables: [] };

/** The expression as it stands between `{{` and `}}`, where the dot is the root. */
export function printExpression(expression: Expr): string {
  return printPipeline(nodeOf(expression), TOP);
}

/** A text that two nodes share when they are the same expression. */
export function neutralPrint(node: ExpressionNode): string {
  if (node.kind === "choose")
    return `choose ${[node.condition, node.chosen, node.otherwise].map(neutralPrint).join(" ")}`;
  return printPipeline(node, { root: "$", variables: ANY_VARIABLE });
}

/** Stands for all variables, where names need not be held against a scope. */
const ANY_VARIABLE: readonly Variable[] = [];

/** The scope inside `with condition`. */
export function withDot(scope: PrintScope, dot: ExpressionNode): PrintScope {
  return { ...scope, root: "$", dot };
}

/** The scope inside `range $key, $value := ...`. @throws ChartDefinitionError when a name would hide another */
export function withVariables(scope: PrintScope, variables: readonly Variable[]): PrintScope {
  const hidden = variables.find(({ name }) => scope.variables.some((known) => known.name === name));
  if (hidden !== undefined)
    throw new ChartDefinitionError(`the loop variable $${hidden.name} hides one of an outer loop`);
  return { root: "$", variables: [...scope.variables, ...variables] };
}

/** As a whole pipeline, without parentheses around it. */
export function printPipeline(node: ExpressionNode, scope: PrintScope): string {
  if (isDot(node, scope)) return ".";
  switch (node.kind) {
    case "call":
      return printCall(node, scope);
    case "include":
      return `include ${goQuote(node.template.name)} ${scope.root}`;
    case "unquoted":
      return printPipeline(node.of, scope);
    case "file":
      return `${below(scope, "Files")}.Get ${goQuote(node.path)}`;
    case "checksum":
      return `include (print $.Template.BasePath ${goQuote(node.file.replace(/^templates/, ""))}) ${scope.root} | sha256sum`;
    case "capability":
      return `${below(scope, "Capabilities")}.APIVersions.Has ${goQuote(node.apiVersion)}`;
    case "text":
      return printText(node.parts, scope);
    case "field":
      return printField(node, scope);
    case "element":
      return `index ${printOperand(node.of, scope)} ${printOperand(node.key, scope)}`;
    case "choose":
      throw new ChartDefinitionError(
        "choose must stand alone as a value: inside a function put it into a named template",
      );
    default:
      return printOperand(node, scope);
  }
}

/** As an argument: in parentheses unless it is one word. */
function printOperand(node: ExpressionNode, scope: PrintScope): string {
  if (isDot(node, scope)) return ".";
  switch (node.kind) {
    case "literal":
      return typeof node.value === "string" ? goQuote(node.value) : String(node.value);
    case "root":
      return below(scope, node.name);
    case "variable":
      return printVariable(node, scope);
    case "unquoted":
      return printOperand(node.of, scope);
    case "field": {
      const text = printField(node, scope);
      return text.startsWith("index ") ? `(${text})` : text;
    }
    case "call":
      return `(${isChain(node) ? printCall(node, scope) : printPrefix(node, scope)})`;
    case "include": {
      const include = printPipeline(node, scope);
      return node.template.body.kind === "mapping" ? `(${include} | fromYaml)` : `(${include})`;
    }
    default:
      return `(${printPipeline(node, scope)})`;
  }
}

type Call = ExpressionNode & { kind: "call" };

function printCall(node: Call, scope: PrintScope): string {
  const piped = node.args.at(-1);
  if (goFunctions[node.name].pipe !== true || piped === undefined) return printPrefix(node, scope);
  const args = node.args.slice(0, -1).map((arg) => ` ${printOperand(arg, scope)}`);
  return `${printPipeline(piped, scope)} | ${node.name}${args.join("")}`;
}

function printPrefix(node: Call, scope: PrintScope): string {
  // It changes its first argument, which must not be a part of the values.
  const name = node.name === "mergeOverwrite" ? "mergeOverwrite (dict)" : node.name;
  return [name, ...node.args.map((arg) => printOperand(arg, scope))].join(" ");
}

/** Two pipes or more read better as pipes, even in parentheses. */
function isChain(node: Call): boolean {
  const piped = node.args.at(-1);
  return goFunctions[node.name].pipe === true && piped?.kind === "call" && goFunctions[piped.name].pipe === true;
}

/** A text of one line with expressions in it, as the printf that a person would write. */
function printText(parts: readonly ExpressionNode[], scope: PrintScope): string {
  const format = parts.map((part) =>
    part.kind === "literal" ? String(part.value).replaceAll("%", "%%") : verbOf(part),
  );
  const args = parts.filter(({ kind }) => kind !== "literal").map((part) => ` ${printOperand(part, scope)}`);
  return args.length === 0
    ? goQuote(parts.map((part) => (part.kind === "literal" ? part.value : "")).join(""))
    : `printf ${goQuote(format.join(""))}${args.join("")}`;
}

function verbOf(part: ExpressionNode): string {
  const shape = shapeOf(part);
  return shape === "string" ? "%s" : shape === "int" ? "%d" : "%v";
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;

function printField(node: ExpressionNode & { kind: "field" }, scope: PrintScope): string {
  const { of, key } = node;
  const base = isDot(of, scope) ? "" : printOperand(of, scope);
  if (!IDENTIFIER.test(key)) return `index ${base === "" ? "." : base} ${goQuote(key)}`;
  return `${base}.${key}`;
}

function below(scope: PrintScope, name: string): string {
  return scope.root === "." ? `.${name}` : `$.${name}`;
}

function printVariable(variable: Variable, scope: PrintScope): string {
  if (scope.variables !== ANY_VARIABLE && !scope.variables.includes(variable)) {
    throw new ChartDefinitionError(`$${variable.name} is used outside its loop`);
  }
  return `$${variable.name}`;
}

function isDot(node: ExpressionNode, scope: PrintScope): boolean {
  if (scope.dot === undefined || node.kind !== scope.dot.kind) return false;
  return node.kind !== "literal" && neutralPrint(node) === neutralPrint(scope.dot);
}
