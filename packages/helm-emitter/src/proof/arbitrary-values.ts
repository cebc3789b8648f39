import fc, { type Arbitrary } from "fast-check";
import type { TSchema } from "typebox";
import { isMapping, type Json, type JsonObject } from "../json.ts";
import { defaultValues } from "../values/default-values.ts";
import { mapValueSchema, type ValueSchema } from "../values/value-schema.ts";
import { arbitraryJson, type Fill } from "./arbitrary-json.ts";
import { validatorOf } from "./values-validator.ts";

/**
 * Values on top of the defaults, valid against the schema and the rules: every boolean either way, every optional value filled, left out or taken
 * away with null, texts that hurt YAML.
 */
export function arbitraryValues(schema: TSchema, rules: readonly JsonObject[] = []): Arbitrary<JsonObject> {
  const isValid = validatorOf(schema, rules);
  return arbitraryOverrides(schema as ValueSchema, defaultValues(schema), "random").filter(isValid);
}

/** `count` of them, by a seed. */
export function randomValues(
  schema: TSchema,
  options: { readonly seed: number; readonly count: number; readonly rules?: readonly JsonObject[] },
): JsonObject[] {
  return fc.sample(arbitraryValues(schema, options.rules), { seed: options.seed, numRuns: options.count });
}

/** Stands for a key that is not given. */
const LEFT_OUT = Symbol("left out");

/** What is given on top of an object's defaults. */
export function arbitraryOverrides(schema: ValueSchema, defaults: JsonObject, fill: Fill): Arbitrary<JsonObject> {
  const required = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties ?? {}).map(
    ([key, property]) => [key, arbitraryOverride(property, defaults[key], required.has(key), fill)] as const,
  );
  return fc
    .record(Object.fromEntries(entries), { noNullPrototype: true })
    .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== LEFT_OUT)) as JsonObject);
}

function arbitraryOverride(
  schema: ValueSchema,
  fallback: Json | undefined,
  isRequired: boolean,
  fill: Fill,
): Arbitrary<Json | typeof LEFT_OUT> {
  const given = isMapping(fallback)
    ? arbitraryMappingOverride(schema, fallback as JsonObject, fill)
    : arbitraryJson(schema, fill);
  if (fill === "full" || (isRequired && fallback === undefined)) return given;
  const leftOut = fc.constant(LEFT_OUT);
  if (isRequired || fallback === undefined)
    return fc.oneof({ arbitrary: given, weight: 2 }, { arbitrary: leftOut, weight: 1 });
  return fc.oneof(
    { arbitrary: given, weight: 2 },
    { arbitrary: leftOut, weight: 1 },
    { arbitrary: fc.constant(null), weight: 1 },
  );
}

function arbitraryMappingOverride(schema: ValueSchema, fallback: JsonObject, fill: Fill): Arbitrary<Json> {
  if (schema.properties !== undefined) return arbitraryOverrides(schema, fallback, fill);
  const given = arbitraryJson(schema, fill) as Arbitrary<JsonObject>;
  const keys = Object.keys(fallback);
  if (keys.length === 0 || mapValueSchema(schema) === undefined) return given;
  // A default entry of a map goes away with null.
  return fc.tuple(given, fc.subarray(keys)).map(([entries, taken]) => ({
    ...Object.fromEntries(taken.map((key) => [key, null])),
    ...entries,
  }));
}
