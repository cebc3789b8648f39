import type { TSchema } from "typebox";
import type { JsonObject } from "../json.ts";

/** Draft 7, as Helm validates it: nothing unknown is allowed, but `enabled` and an open `global` at the top, or the chart breaks as a subchart. */
export function valuesJsonSchema(schema: TSchema, rules: readonly JsonObject[] = []): JsonObject {
  throw new Error(`not yet ${schema} ${rules.length}`);
}
