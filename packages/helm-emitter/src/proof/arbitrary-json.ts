import fc, { type Arbitrary } from "fast-check";
import { isMapping, type Json, type JsonObject } from "../json.ts";
import { mapValueSchema, type ValueSchema } from "../values/value-schema.ts";
import { arbitraryText } from "./arbitrary-text.ts";
import { hurtfulTexts, plausibleKeys } from "./hurtful-texts.ts";

/** `random`: anything valid. `full`: every optional value there, every collection filled, every boolean true, the rest at its default. */
export type Fill = "random" | "full";

const MAX_ITEMS = 3;
const UNBOUNDED = 2_000_000_000;

/** A value that the schema allows. */
export function arbitraryJson(schema: ValueSchema, fill: Fill): Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (fill === "full" && keepsDefault(schema)) return fc.constant(schema.default as Json);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((option) => arbitraryJson(option, fill)));
  switch (typeof schema.type === "string" ? schema.type : schema.type?.[0]) {
    case "boolean":
      return fill === "full" ? fc.constant(true) : fc.boolean();
    case "integer":
      return arbitraryInteger(schema);
    case "number":
      return arbitraryNumber(schema);
    case "string":
      return arbitraryText(schema, fill);
    case "array":
      return arbitraryList(schema, fill);
    case "object":
      return arbitraryObject(schema, fill);
    case "null":
      return fc.constant(null);
    default:
      return anything;
  }
}

function keepsDefault({ default: fallback }: ValueSchema): boolean {
  return (typeof fallback === "string" && fallback !== "") || typeof fallback === "number";
}

function arbitraryInteger({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf = 1 }: ValueSchema) {
  const least = minimum ?? (exclusiveMinimum === undefined ? Math.min(0, maximum ?? 0) : exclusiveMinimum + 1);
  const most = maximum ?? (exclusiveMaximum === undefined ? Math.max(UNBOUNDED, least) : exclusiveMaximum - 1);
  const [low, high] = [Math.ceil(least / multipleOf), Math.floor(most / multipleOf)];
  const steps = fc.oneof(
    fc.integer({ min: low, max: high }),
    fc.constantFrom(low, high),
    fc.integer({ min: low, max: Math.min(low + 5, high) }),
  );
  return steps.map((step) => step * multipleOf);
}

/** Thousandths: enough to show how Go prints fractions. */
function arbitraryNumber({ minimum = 0, maximum = UNBOUNDED / 1000 }: ValueSchema): Arbitrary<number> {
  return fc
    .integer({ min: Math.ceil(minimum * 1000), max: Math.floor(maximum * 1000) })
    .map((thousandths) => thousandths / 1000);
}

function arbitraryList({ items = {}, minItems = 0, maxItems, uniqueItems }: ValueSchema, fill: Fill): Arbitrary<Json> {
  const least = Math.max(minItems, fill === "full" ? Math.min(1, maxItems ?? 1) : 0);
  const bounds = { minLength: least, maxLength: Math.min(maxItems ?? MAX_ITEMS, Math.max(least, MAX_ITEMS)) };
  const item = arbitraryJson(items, fill);
  return uniqueItems === true
    ? fc.uniqueArray(item, { ...bounds, selector: (one) => JSON.stringify(one) })
    : fc.array(item, bounds);
}

function arbitraryObject(schema: ValueSchema, fill: Fill): Arbitrary<Json> {
  if (schema.properties !== undefined) return arbitraryProperties(schema, fill);
  const ofMap = mapValueSchema(schema);
  if (ofMap === undefined) return arbitraryOpen(schema);
  const bounds = {
    minKeys: Math.max(schema.minProperties ?? 0, fill === "full" ? 1 : 0),
    maxKeys: schema.maxProperties ?? MAX_ITEMS,
  };
  return fc.dictionary(arbitraryKey(schema), arbitraryJson(ofMap, fill), { ...bounds, noNullPrototype: true });
}

export function arbitraryKey({ patternProperties, propertyNames }: ValueSchema): Arbitrary<string> {
  const pattern = propertyNames?.pattern ?? Object.keys(patternProperties ?? {})[0];
  const free = pattern === undefined || pattern === "^.*$" || pattern === "^(.*)$";
  return free
    ? fc.constantFrom(...plausibleKeys)
    : arbitraryText({ ...propertyNames, type: "string", pattern }, "full");
}

function arbitraryProperties({ properties = {}, required = [] }: ValueSchema, fill: Fill): Arbitrary<JsonObject> {
  const entries = Object.entries(properties).map(([key, property]) => [key, arbitraryJson(property, fill)] as const);
  const requiredKeys = fill === "full" ? Object.keys(properties) : [...required];
  return fc.record(Object.fromEntries(entries), { requiredKeys, noNullPrototype: true }) as Arbitrary<JsonObject>;
}

/** What passes through untouched: its examples when it has some, else whatever toYaml must be able to print. */
function arbitraryOpen({ examples = [], default: fallback }: ValueSchema): Arbitrary<Json> {
  const known = [...examples, ...(isMapping(fallback) && Object.keys(fallback).length > 0 ? [fallback as Json] : [])];
  return known.length > 0 ? fc.constantFrom(...known) : anyMapping;
}

const anyScalar: Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...hurtfulTexts),
  fc.boolean(),
  fc.constantFrom(0, 1, -3, 1_000_000, 123_456_789_012, 0.25, 1e-7),
);
const anyMapping: Arbitrary<Json> = fc.dictionary(
  fc.constantFrom(...plausibleKeys),
  fc.oneof(
    anyScalar,
    fc.array(anyScalar, { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...plausibleKeys), anyScalar, { maxKeys: 2, noNullPrototype: true }),
  ),
  { minKeys: 1, maxKeys: MAX_ITEMS, noNullPrototype: true },
);
const anything: Arbitrary<Json> = fc.oneof(anyScalar, anyMapping, fc.array(anyScalar, { maxLength: 2 }));
