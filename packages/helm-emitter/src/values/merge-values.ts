import { isMapping, type Json, type JsonObject } from "../json.ts";

/**
 * A chart's defaults with given values on top, as Helm's CoalesceValues does it: maps merge deeply, lists and scalars replace, and null
 * takes away what had a default. null where there was no default stays.
 */
export function mergeValues(defaults: JsonObject, given: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...given };
  for (const [key, fallback] of Object.entries(defaults)) {
    const value = given[key];
    if (!Object.hasOwn(given, key)) merged[key] = fallback;
    else if (value === null && fallback !== null) delete merged[key];
    else if (isMapping(value) && isMapping(fallback))
      merged[key] = mergeValues(fallback as JsonObject, value as JsonObject);
  }
  return merged;
}
