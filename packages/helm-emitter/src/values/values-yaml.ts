import type { TSchema } from "typebox";
import { stringify } from "yaml";
import { isMapping, type Json, type JsonObject } from "../json.ts";
import { yamlText } from "../template/yaml-scalar.ts";
import { defaultOf, defaultValues } from "./default-values.ts";
import type { ValueSchema } from "./value-schema.ts";

const STEP = 2;
const LINE_WIDTH = 120;

/** values.yaml: the defaults in the schema's order, the descriptions as comments, what has no default commented out as an example. */
export function valuesYaml(schema: TSchema, heading: string): string {
  const sections = printProperties(schema as ValueSchema, defaultValues(schema), 0);
  return `${[`# ${heading}`, ...sections.map((lines) => lines.join("\n"))].join("\n\n")}\n`;
}

/** The lines of each property. */
function printProperties(schema: ValueSchema, values: JsonObject, indent: number): string[][] {
  const known = Object.entries(schema.properties ?? {});
  const unknown = Object.keys(values).filter((key) => schema.properties?.[key] === undefined);
  return [
    ...known.map(([key, property]) => [
      ...describe(property, indent),
      ...(Object.hasOwn(values, key)
        ? printValue(key, property, values[key] ?? null, indent)
        : commentedOut(printValue(key, property, exampleOf(property), 0), indent)),
    ]),
    ...unknown.map((key) => printValue(key, {}, values[key] ?? null, indent)),
  ];
}

function describe({ description }: ValueSchema, indent: number): string[] {
  if (description === undefined) return [];
  const pad = " ".repeat(indent);
  return wrap(description, LINE_WIDTH - indent - 5).map((line, at) => `${pad}# ${at === 0 ? "-- " : "   "}${line}`);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function printValue(key: string, schema: ValueSchema, value: Json, indent: number): string[] {
  const head = `${" ".repeat(indent)}${yamlText(key)}:`;
  if (isMapping(value) && (schema.properties !== undefined || Object.keys(value).length > 0)) {
    const lines = printProperties(schema, value as JsonObject, indent + STEP).flat();
    // A mapping of comments alone would be null.
    return Object.keys(value).length === 0 ? [`${head} {}`, ...lines] : [head, ...lines];
  }
  return printJson(head, value, indent);
}

function printJson(head: string, value: Json, indent: number): string[] {
  if (typeof value === "string") return [`${head} ${yamlText(value)}`];
  if (!Array.isArray(value) || value.length === 0) return [`${head} ${JSON.stringify(value)}`];
  const pad = " ".repeat(indent + STEP);
  const lines = stringify(value, { version: "1.1", lineWidth: 0 }).trimEnd().split("\n");
  return [head, ...lines.map((line) => `${pad}${line}`)];
}

function commentedOut(lines: readonly string[], indent: number): string[] {
  const pad = " ".repeat(indent);
  return lines.map((line) => `${pad}# ${line}`);
}

/** What an optional value might be: its first example, or the smallest thing of its type. */
function exampleOf(schema: ValueSchema): Json {
  const [example] = schema.examples ?? [];
  if (example !== undefined) return example;
  const value = defaultOf(schema, true);
  if (value !== undefined) return value;
  const [constant] = schema.enum ?? [];
  const [option] = schema.anyOf ?? [];
  if (constant !== undefined) return constant;
  if (option !== undefined) return option.const ?? exampleOf(option);
  if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 0;
  return schema.type === "boolean" ? false : schema.type === "array" ? [] : "";
}
