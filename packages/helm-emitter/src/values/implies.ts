import type { JsonObject } from "../json.ts";

/** A rule over values: where the one schema (draft 7) holds, the other must hold too. */
export function implies(condition: JsonObject, consequence: JsonObject): JsonObject {
  // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's
  return { if: condition, then: consequence };
}
