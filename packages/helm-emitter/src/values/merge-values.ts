import { isMapping, type Json, type JsonObject } from "../json.ts";

/**
 * A chart's defaults with given values on top, as Helm's CoalesceValues does it: maps merge deeply, lists and scalars replace, and null
 * takes away what had a default. null where there was no default stays. Under the keys of subcharts nulls stay too: they take away
 * a default of the subchart.
 */
export function mergeValues(defaults: JsonObject, given: JsonObject, subcharts: readonly string[] = []): JsonObject {
  return merge(defaults, given, (key) => subcharts.includes(key));
}

function merge(defaults: JsonObject, given: JsonObject, keepsNulls: (key: string) => boolean): JsonObject {
  const merged: Record<string, Json> = { ...given };
  for (const [key, fallback] of Object.entries(defaults)) {
    const value = given[key];
    if (!Object.hasOwn(given, key)) merged[key] = fallback;
    else if (value === null && fallback !== null && !keepsNulls(key)) delete merged[key];
    else if (isMapping(value) && isMapping(fallback)) {
      const keeps = keepsNulls(key);
      merged[key] = merge(fallback as JsonObject, value as JsonObject, () => keeps);
    }
  }
  return merged;
}
