import type { TSchema } from "typebox";
import type { Json } from "../json.ts";
import { defaultOf } from "./default-values.ts";
import { mapValueSchema, type ValueSchema } from "./value-schema.ts";

type Row = { readonly key: string; readonly type: string; readonly fallback: string; readonly description: string };

/** The README's table: key, type, default, description; one row for each value that is not a group of others. */
export function valuesTable(schema: TSchema): string {
  const rows = rowsOf(schema as ValueSchema, "", defaultOf(schema as ValueSchema, true));
  return [
    "| Key | Type | Default | Description |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ({ key, type, fallback, description }) => `| \`${key}\` | ${cell(type)} | ${fallback} | ${cell(description)} |`,
    ),
  ].join("\n");
}

function rowsOf(schema: ValueSchema, path: string, values: Json | undefined): Row[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]): Row[] => {
    const key = path === "" ? name : `${path}.${name}`;
    const given = (values as Record<string, Json> | undefined)?.[name];
    const value = given ?? (values === undefined ? defaultOf(property, required.has(name)) : undefined);
    const row = {
      key,
      type: typeText(property),
      fallback: fallbackText(value),
      description: property.description ?? "",
    };
    if (Object.keys(property.properties ?? {}).length === 0) return [row];
    return [...(required.has(name) ? [] : [row]), ...rowsOf(property, key, value)];
  });
}

function fallbackText(value: Json | undefined): string {
  return value === undefined ? "" : `\`${cell(JSON.stringify(value))}\``;
}

function typeText(schema: ValueSchema): string {
  const constants = schema.enum ?? schema.anyOf?.map((option) => option.const);
  if (constants?.every((constant) => constant !== undefined))
    return constants.map((one) => `\`${String(one)}\``).join(" or ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" or ");
  if (schema.type === "array") return schema.items === undefined ? "list" : `list of ${typeText(schema.items)}`;
  const ofMap = mapValueSchema(schema);
  if (ofMap !== undefined) return `map of ${typeText(ofMap)}`;
  if (schema.type === "integer" || schema.type === "number") return `${schema.type}${rangeText(schema)}`;
  return typeof schema.type === "string" ? schema.type : (schema.type?.join(" or ") ?? "any");
}

function rangeText({ minimum, maximum }: ValueSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` from ${minimum}`;
  return maximum === undefined ? "" : ` up to ${maximum}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}
