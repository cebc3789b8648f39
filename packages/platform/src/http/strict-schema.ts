import type { TSchema } from "typebox";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The schema with `additionalProperties: false` on every object that lists its properties, or patterns of them, and says nothing else:
 * a misspelt optional property is an error, not silence. Parts of an intersection stay as they are, since each part sees the others' properties.
 */
export function strictSchema(schema: TSchema): TSchema {
  return strict(schema as JsonSchema) as TSchema;
}

function strict(schema: JsonSchema): JsonSchema {
  if ("allOf" in schema) return schema;
  // The copy keeps TypeBox's hidden marks (`~kind`), which are not enumerable.
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)) as Record<string, unknown>;
  if (isSchema(copy.properties)) copy.properties = mapValues(copy.properties);
  if (isSchema(copy.patternProperties)) copy.patternProperties = mapValues(copy.patternProperties);
  const listsItsNames = copy.properties !== undefined || copy.patternProperties !== undefined;
  if (listsItsNames && copy.additionalProperties === undefined) copy.additionalProperties = false;
  if (isSchema(copy.items)) copy.items = strict(copy.items);
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = copy[keyword];
    if (Array.isArray(branches)) copy[keyword] = branches.map((branch) => (isSchema(branch) ? strict(branch) : branch));
  }
  return copy;
}

function mapValues(schemas: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, inner]) => [name, isSchema(inner) ? strict(inner) : inner]),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
