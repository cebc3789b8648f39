import type { JsonObject } from "@kassa/helm-emitter";
import type { TObject } from "typebox";

/** The part of JSON Schema that variables are described with. */
type VariableSchema = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly { readonly const: string }[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly default?: unknown;
};

const GIVEN: Readonly<Record<string, number | string>> = {
  // A connection more than by default: far more of them would be refused for what the database can bear.
  DATABASE_POOL_MAX: 11,
  KAFKA_CA: "-----BEGIN CERTIFICATE-----\nMIIB+/==\n-----END CERTIFICATE-----\n",
};
/** YAML and templates stumble over it, where they can. */
const AWKWARD = "a: b # 'c' \"d\" {{ e }} \\";

/** For each property another value than its default: the far end of a range, the last choice, a text that is hard to quote. */
export function otherValues({ properties }: TObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, GIVEN[name] ?? otherValue(schema as VariableSchema)]),
  );
}

function otherValue(schema: VariableSchema): number | boolean | string {
  const choices = schema.enum ?? schema.anyOf?.map((choice) => choice.const);
  if (choices !== undefined) return choices.findLast((choice) => choice !== schema.default) ?? "";
  switch (schema.type) {
    case "integer":
    case "number":
      return (schema.maximum === schema.default ? schema.minimum : schema.maximum) ?? 0;
    case "boolean":
      return schema.default !== true;
    default:
      return schema.pattern === undefined ? AWKWARD : "https://elsewhere.example.test/a?b=1#c";
  }
}
