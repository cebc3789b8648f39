import { ChartDefinitionError } from "../chart-definition-error.ts";
import { isPlainText } from "../template/yaml-scalar.ts";
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
    case "element":
    case "variable":
      return shapeOfSchema(node.schema);
    case "call": {
      const { result } = goFunctions[node.name];
      return result === "joined" ? joinShapes(joinedArgs(node.name, node.args).map(shapeOf)) : result;
    }
    case "choose":
      return joinShapes([shapeOf(node.chosen), shapeOf(node.otherwise)]);
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
  if ([first, ...rest].every((shape) => shape === "int" || shape === "float")) return "float";
  return [first, ...rest].every((shape) => SCALARS.has(shape)) ? "scalar" : "any";
}

/** A whole number from values that may be so large that Go would print it with an exponent, as an int; anything else as it is. */
export function wholeNumber(value: Expr): Expr {
  const node = nodeOf(value);
  return magnitudeOf(node) === "large" ? expr({ kind: "call", name: "int64", args: [node] }) : value;
}

/** `small` whole numbers print as they are, `large` ones only as ints; `fraction` is every other number. */
type Magnitude = "small" | "large" | "fraction" | "none";

function magnitudeOf(node: ExpressionNode): Magnitude {
  switch (node.kind) {
    case "literal":
      return typeof node.value === "bigint" ? "small" : "none";
    case "field":
    case "element":
    case "variable": {
      const { type, minimum = -Infinity, maximum = Infinity } = node.schema;
      if (type !== "integer") return type === "number" ? "fraction" : "none";
      return minimum <= -EXACT_BELOW || maximum >= EXACT_BELOW ? "large" : "small";
    }
    case "choose":
      return largest([node.chosen, node.otherwise]);
    case "call":
      return goFunctions[node.name].result === "joined" ? largest(joinedArgs(node.name, node.args)) : "none";
    default:
      return "none";
  }
}

function largest(nodes: readonly ExpressionNode[]): Magnitude {
  const magnitudes = nodes.map(magnitudeOf);
  return (["none", "fraction", "large"] as const).find((one) => magnitudes.includes(one)) ?? "small";
}

/** True when the expression's text needs no quotes as a value: numbers, booleans, and texts that are known and plain. */
export function isPlainShape(node: ExpressionNode): boolean {
  if (node.kind === "unquoted") return true;
  const shape = shapeOf(node);
  if (shape !== "string") return shape !== "scalar";
  if (hasSchema(node)) return plainConstants(node.schema);
  return (
    node.kind === "call" &&
    goFunctions[node.name].result === "joined" &&
    joinedArgs(node.name, node.args).every(isPlainPart)
  );
}

function isPlainPart(node: ExpressionNode): boolean {
  return node.kind === "literal" ? isPlainText(String(node.value)) : isPlainShape(node);
}

function plainConstants(schema: SchemaNode): boolean {
  const constants = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (constants !== undefined) return constants.every((constant) => isPlainText(String(constant)));
  return schema.anyOf?.every(plainConstants) ?? false;
}

/** A place in the values: its schema is known. */
export function hasSchema(node: ExpressionNode): node is ExpressionNode & { readonly schema: SchemaNode } {
  return node.kind === "field" || node.kind === "element" || node.kind === "variable";
}

/** True when the schema says that the collection is there and has something in it; named mappings always have. */
export function isNeverEmpty(node: ExpressionNode): boolean {
  if (node.kind === "include") return true;
  if (node.kind === "call" && node.name === "mergeOverwrite") return node.args.some(isNeverEmpty);
  // A missing entry of a map is empty, whatever its schema says.
  if (node.kind !== "field" && node.kind !== "variable") return false;
  const { minItems = 0, minProperties = 0 } = node.schema;
  // TypeBox's mark of an optional property.
  return !("~optional" in node.schema) && Math.max(minItems, minProperties) > 0;
}

/** The schema of what a loop over the expression hands out. @throws ChartDefinitionError when it is neither list nor map */
export function itemSchema(node: ExpressionNode): SchemaNode {
  if (node.kind === "call") {
    const schema = itemSchemaOfCall(node.name, node.args);
    if (schema !== undefined) return schema;
  } else if (hasSchema(node)) {
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
