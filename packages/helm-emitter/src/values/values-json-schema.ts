import type { TSchema } from "typebox";
import type { Json, JsonObject } from "../json.ts";
import type { ValueSchema } from "./value-schema.ts";

/** What every chart accepts at the top, or it could not be a subchart. */
const everywhere = {
  enabled: { type: "boolean", description: "read by the parent chart when this one is a subchart" },
  global: {
    type: "object",
    description: "values that a parent chart shares with all of its charts",
    additionalProperties: true,
  },
} as const;

/**
 * Draft 7, as Helm validates it: nothing unknown is allowed, but `enabled` and an open `global` at the top.
 * `rules` hold beside the values' own schemas.
 */
export function valuesJsonSchema(schema: TSchema, rules: readonly JsonObject[] = []): JsonObject {
  const { properties, ...rest } = strict(schema as ValueSchema) as { properties?: JsonObject } & JsonObject;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...rest,
    properties: { ...everywhere, ...properties },
    ...(rules.length === 0 ? {} : { allOf: rules }),
  };
}

/** TypeBox's pattern of a record whose keys may be anything. */
const ANY_KEY = "^.*$";

function strict(schema: ValueSchema): JsonObject {
  const constants = schema.anyOf?.map((option) => option.const);
  if (constants?.every((constant) => constant !== undefined) === true) {
    const { anyOf: _, ...rest } = schema;
    return plain({ ...rest, enum: constants as Json[] });
  }
  const { patternProperties, ...rest } = schema;
  const ofAnyKey = patternProperties?.[ANY_KEY];
  if (ofAnyKey !== undefined) return plain({ ...rest, additionalProperties: ofAnyKey });
  return plain(
    schema.properties === undefined || "additionalProperties" in schema
      ? schema
      : { ...schema, additionalProperties: false },
  );
}

/** Every keyword, with the schemas inside made strict. Keys that TypeBox hides are not enumerable and stay behind. */
function plain(schema: ValueSchema): JsonObject {
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, plainKeyword(keyword, value)]));
}

function plainKeyword(keyword: string, value: unknown): Json {
  if (keyword === "properties" || keyword === "patternProperties") {
    return Object.fromEntries(
      Object.entries(value as Record<string, ValueSchema>).map(([key, one]) => [key, strict(one)]),
    );
  }
  if (keyword === "items" || (keyword === "additionalProperties" && typeof value === "object"))
    return strict(value as ValueSchema);
  if (keyword === "anyOf" || keyword === "allOf") return (value as ValueSchema[]).map(strict);
  return value as Json;
}
