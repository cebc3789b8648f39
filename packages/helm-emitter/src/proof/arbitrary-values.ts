import type { Arbitrary } from "fast-check";
import type { TSchema } from "typebox";
import type { JsonObject } from "../json.ts";

/** Values on top of the defaults, valid against the schema: every boolean either way, every optional value filled or left out, texts that hurt YAML. */
export function arbitraryValues(schema: TSchema, rules: readonly JsonObject[] = []): Arbitrary<JsonObject> {
  throw new Error(`not yet ${schema} ${rules.length}`);
}

/** `count` of them, by a seed. */
export function randomValues(
  schema: TSchema,
  options: { seed: number; count: number; rules?: readonly JsonObject[] },
): JsonObject[] {
  throw new Error(`not yet ${schema} ${options.seed}`);
}

/** One case for each boolean flipped, each choice chosen, each optional value filled and each collection filled, everything else at its default. */
export function cornerValues(schema: TSchema, rules: readonly JsonObject[] = []): JsonObject[] {
  throw new Error(`not yet ${schema} ${rules.length}`);
}
