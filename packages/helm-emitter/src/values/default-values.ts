import type { TSchema } from "typebox";
import type { Json, JsonObject } from "../json.ts";
import type { ValueSchema } from "./value-schema.ts";

/**
 * What values.yaml holds: each default; a required object without one is made of its properties'; a required list or map without
 * one is empty. What is optional without a default, or required and without one, is absent.
 */
export function defaultValues(schema: TSchema): JsonObject {
  return objectDefault(schema as ValueSchema);
}

/** The default of one value; undefined when it has none. */
export function defaultOf(schema: ValueSchema, isRequired: boolean): Json | undefined {
  if (schema.default !== undefined) return schema.default;
  if (!isRequired) return undefined;
  if (schema.properties !== undefined) return objectDefault(schema);
  if (schema.type === "object") return {};
  return schema.type === "array" && (schema.minItems ?? 0) === 0 ? [] : undefined;
}

function objectDefault(schema: ValueSchema): JsonObject {
  const required = new Set(schema.required ?? []);
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
      const value = defaultOf(property, required.has(key));
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}
