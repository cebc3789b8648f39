import { InvariantViolation } from "@kassa/kernel/assert";

/** The part of JSON Schema that a variable of the environment may be described with. */
export type VariableSchema = {
  readonly type?: "integer" | "number" | "boolean" | "string" | "array";
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number;
  readonly anyOf?: readonly VariableSchema[];
  readonly items?: VariableSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
  /** The value is never shown and may come from a file. */
  readonly secret?: boolean;
};

const INTEGER = /^-?\d{1,16}$/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, "1": true, "0": false };

/** The value that a text stands for, or undefined when it cannot be read so. Limits are checked by the caller. */
export function parseText(schema: VariableSchema, text: string): unknown {
  const choices = choicesOf(schema);
  if (choices !== undefined) return choices.find((choice) => String(choice) === text);
  switch (schema.type) {
    case "integer":
      return INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    case "number":
      return NUMBER.test(text) ? Number(text) : undefined;
    case "boolean":
      return BOOLEANS[text];
    case "string":
      return text;
    case "array":
      return parseList(schema.items ?? { type: "string" }, text);
    default:
      throw new InvariantViolation(`a variable cannot be of the type ${schema.type ?? JSON.stringify(schema)}`);
  }
}

/** What a schema allows, as the end of a sentence. */
export function allowedText(schema: VariableSchema): string {
  const choices = choicesOf(schema);
  if (choices !== undefined) return `one of ${choices.join(", ")}`;
  switch (schema.type) {
    case "integer":
      return `an integer${rangeText(schema.minimum, schema.maximum)}`;
    case "number":
      return `a number${rangeText(schema.minimum, schema.maximum)}`;
    case "boolean":
      return "true or false";
    case "array":
      return `a list, separated by commas, of which each is ${allowedText(schema.items ?? { type: "string" })}`;
    default:
      return `a text${lengthText(schema)}${schema.pattern === undefined ? "" : ` that matches ${schema.pattern}`}`;
  }
}

function choicesOf(schema: VariableSchema): readonly (string | number)[] | undefined {
  if (schema.enum !== undefined) return schema.enum;
  if (schema.const !== undefined) return [schema.const];
  if (schema.anyOf === undefined) return undefined;
  const choices = schema.anyOf.map((branch) => branch.const);
  if (choices.some((choice) => choice === undefined)) throw new InvariantViolation("a union must be one of literals");
  return choices as readonly (string | number)[];
}

function parseList(items: VariableSchema, text: string): unknown {
  const values = text.split(",").map((item) => parseText(items, item.trim()));
  return values.includes(undefined) ? undefined : values;
}

function rangeText(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? "" : ` of at most ${maximum}`;
}

function lengthText({ minLength, maxLength }: VariableSchema): string {
  if (minLength !== undefined && maxLength !== undefined) return ` of ${minLength} to ${maxLength} characters`;
  if (minLength !== undefined) return ` of at least ${minLength} characters`;
  return maxLength === undefined ? "" : ` of at most ${maxLength} characters`;
}
