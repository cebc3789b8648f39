import type { TSchema } from "typebox";

/** The README's table: key, type, default, description. */
export function valuesTable(schema: TSchema): string {
  throw new Error(`not yet ${schema}`);
}
