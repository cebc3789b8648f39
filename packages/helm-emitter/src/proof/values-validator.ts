import type { TSchema } from "typebox";
import { Compile } from "typebox/schema";
import type { JsonObject } from "../json.ts";
import { defaultValues } from "../values/default-values.ts";
import { mergeValues } from "../values/merge-values.ts";
import { valuesJsonSchema } from "../values/values-json-schema.ts";

/** Tells whether values on top of the defaults satisfy the schema and the rules. */
export function validatorOf(schema: TSchema, rules: readonly JsonObject[] = []): (given: JsonObject) => boolean {
  const validator = Compile(valuesJsonSchema(schema, rules) as object);
  const defaults = defaultValues(schema);
  return (given) => validator.Check(mergeValues(defaults, given));
}
