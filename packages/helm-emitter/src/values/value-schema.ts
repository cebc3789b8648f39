import type { Json } from "../json.ts";

/** The part of JSON Schema that values are described with, as TypeBox writes it. */
export type ValueSchema = {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: Json;
  readonly examples?: readonly Json[];
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, ValueSchema>>;
  readonly additionalProperties?: boolean | ValueSchema;
  readonly propertyNames?: ValueSchema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: ValueSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly anyOf?: readonly ValueSchema[];
  readonly allOf?: readonly ValueSchema[];
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly [keyword: string]: unknown;
};

/** The schema of a map's values, when the schema is that of a map with free keys. */
export function mapValueSchema(schema: ValueSchema): ValueSchema | undefined {
  const ofPattern = Object.values(schema.patternProperties ?? {})[0];
  if (ofPattern !== undefined) return ofPattern;
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}
