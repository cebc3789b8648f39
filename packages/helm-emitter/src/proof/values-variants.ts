import fc from "fast-check";
import { isMapping, type Json, type JsonObject } from "../json.ts";
import { mapValueSchema, type ValueSchema } from "../values/value-schema.ts";
import { arbitraryJson } from "./arbitrary-json.ts";

/** One change of one value; undefined takes it away. */
export type Variant = { readonly path: readonly string[]; readonly value: Json | undefined };

const SEED = 4;
/** How many items show what an item can be. */
const MAX_SHOWN_ITEMS = 12;

/** A value with everything that the schema knows filled; always the same one. */
export function fullSample(schema: ValueSchema, seed = SEED): Json {
  return fc.sample(arbitraryJson(schema, "full"), { seed, numRuns: 1 })[0] ?? null;
}

/** Every boolean both ways, every choice, the bounds of numbers, every optional value there and gone, every collection empty and filled. */
export function variantsOf(schema: ValueSchema, path: readonly string[] = []): Variant[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const at = [...path, key];
    const gone = required.has(key) ? [] : [{ path: at, value: undefined }];
    return [...gone, ...valuesOf(property).map((value) => ({ path: at, value })), ...variantsOf(property, at)];
  });
}

function valuesOf(schema: ValueSchema): Json[] {
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return [...schema.enum];
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(valuesOf);
  switch (schema.type) {
    case "boolean":
      return [true, false];
    case "integer":
    case "number":
      return [schema.minimum, schema.maximum, fullSample(schema) as number].filter((bound) => bound !== undefined);
    case "string":
      return [...(schema.default === undefined ? [] : [schema.default]), "", fullSample(schema)];
    case "array":
      return [[], ...listsOf(schema)];
    case "object":
      return schema.properties === undefined ? mapsOf(schema) : [fullSample(schema)];
    default:
      return [fullSample(schema)];
  }
}

function listsOf(schema: ValueSchema): Json[] {
  const { items = {}, maxItems = MAX_SHOWN_ITEMS } = schema;
  return [shownItems(items).slice(0, maxItems), fullSample(schema)];
}

function mapsOf(schema: ValueSchema): Json[] {
  const full = fullSample(schema);
  const ofMap = mapValueSchema(schema);
  if (ofMap?.properties === undefined || !isMapping(full)) return [{}, full];
  const [key = "key"] = Object.keys(full);
  return [{}, full, ...shownItems(ofMap).map((value) => ({ [key]: value }))];
}

/** An item with everything, and it with each of its values changed. */
function shownItems(schema: ValueSchema): Json[] {
  const full = fullSample(schema);
  if (!isMapping(full)) return [full];
  return [full, ...variantsOf(schema).map((variant) => withVariant(full as JsonObject, variant))].slice(
    0,
    MAX_SHOWN_ITEMS,
  );
}

/** A copy with the change; objects on the way are made. */
export function withVariant(base: JsonObject, { path, value }: Variant): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return base;
  if (rest.length > 0) {
    const inner = base[key];
    return { ...base, [key]: withVariant(isMapping(inner) ? (inner as JsonObject) : {}, { path: rest, value }) };
  }
  const { [key]: _, ...others } = base;
  return value === undefined ? others : { ...base, [key]: value };
}
