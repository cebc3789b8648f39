import type { JsonObject } from "../json.ts";

/** A rule over values: where the one schema (draft 7) holds, the other must hold too. */
export function implies(condition: JsonObject, consequence: JsonObject): JsonObject {
  // A property of this name in a literal looks like a promise's.
  return Object.fromEntries([
    ["if", condition],
    ["then", consequence],
  ]);
}
