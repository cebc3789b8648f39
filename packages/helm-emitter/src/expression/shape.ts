import { ChartDefinitionError } from "../chart-definition-error.ts";
import { type Expr, type ExpressionNode, expr, nodeOf, type SchemaNode, type Shape } from "./expression.ts";
import { goFunctions } from "./go-functions.ts";

/** From here on Go prints a float64 with an exponent. */
const EXACT_BELOW = 1_000_000;

const ofType: Readonly<Record<string, Shape>> = {
  string: "string",
  integer: "float",
  number: "float",
  boolean: "bool",
  object: "mapping",
  array: "list",
};

/** What an expression's value will be. A value that may also be missing counts as what it is when it is there. */
export function shapeOf(node: ExpressionNode): Shape {
  switch (node.kind) {
    case "literal":
      return { string: "string", boolean: "bool", number: "float", bigint: "int" }[
        typeof node.value as "string" | "boolean" | "number" | "bigint"
      ] as Shape;
    case "root":
      return "mapping";
    case "field":
    case "variable":
      return shapeOfSchema(node.schema);
    case "call": {
      const { result } = goFunctions[node.name];
      return result === "joined" ? joinShapes(joinedArgs(node.name, node.args).map(shapeOf)) : result;
    }
    case "choose":
      return joinShapes([shapeOf(node.then), shapeOf(node.otherwise)]);
    case "include":
      return node.template.body.kind === "mapping" ? "mapping" : "string";
    case "unquoted":
      return shapeOf(node.of);
    case "text":
    case "file":
    case "checksum":
      return "string";
    case "capability":
      return "bool";
  }
}

function joinedArgs(name: string, args: readonly ExpressionNode[]): readonly ExpressionNode[] {
  return name === "ternary" ? args.slice(0, 2) : args;
}

function shapeOfSchema(schema: SchemaNode): Shape {
  if (schema.const !== undefined) return shapeOfConstant(schema.const);
  if (schema.enum !== undefined) return joinShapes(schema.enum.map(shapeOfConstant));
  if (schema.anyOf !== undefined)
    return joinShapes(schema.anyOf.filter(({ type }) => type !== "null").map(shapeOfSchema));
  if (typeof schema.type === "string") return ofType[schema.type] ?? "any";
  return schema.type === undefined ? "any" : joinShapes(schema.type.map((type) => ofType[type] ?? "any"));
}

function shapeOfConstant(value: unknown): Shape {
  return ofType[typeof value] ?? "any";
}

const SCALARS = new Set<Shape>(["string", "int", "float", "bool", "scalar"]);

function joinShapes(shapes: readonly Shape[]): Shape {
  const [first = "any", ...rest] = new Set(shapes);
  if (rest.length === 0) return first;
  return [first, ...rest].every((shape) => SCALARS.has(shape)) ? "scalar" : "any";
}

/** A whole number from values that may be so large that Go would print it with an exponent, as an int; anything else as it is. */
export function wholeNumber(value: Expr): Expr {
  const node = nodeOf(value);
  return isLargeInteger(node) ? expr({ kind: "call", name: "int64", args: [node] }) : value;
}

export function isLargeInteger(node: ExpressionNode): boolean {
  if (node.kind !== "field" && node.kind !== "variable") return false;
  const { type, minimum = -Infinity, maximum = Infinity } = node.schema;
  return type === "integer" && (minimum <= -EXACT_BELOW || maximum >= EXACT_BELOW);
}

/** The schema of what a loop over the expression hands out. @throws ChartDefinitionError when it is neither list nor map */
export function itemSchema(node: ExpressionNode): SchemaNode {
  if (node.kind === "call") {
    const schema = itemSchemaOfCall(node.name, node.args);
    if (schema !== undefined) return schema;
  } else if (node.kind === "field" || node.kind === "variable") {
    const { items, patternProperties, additionalProperties } = node.schema;
    const ofMap = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
    const schema = items ?? (typeof ofMap === "object" ? ofMap : undefined);
    if (schema !== undefined) return schema;
    if (shapeOf(node) === "list" || shapeOf(node) === "mapping") return {};
  }
  throw new ChartDefinitionError("a loop needs a list or a map whose schema is known");
}

function itemSchemaOfCall(name: string, args: readonly ExpressionNode[]): SchemaNode | undefined {
  if (name === "sortAlpha") return { type: "string" };
  if (name === "list" && args[0] !== undefined) return { type: typeOfShape[shapeOf(args[0])] ?? "string" };
  const collection = name === "concat" ? args[0] : name === "default" ? args[1] : undefined;
  return collection === undefined ? undefined : itemSchema(collection);
}

const typeOfShape: Partial<Record<Shape, string>> = { int: "integer", float: "number", bool: "boolean" };
