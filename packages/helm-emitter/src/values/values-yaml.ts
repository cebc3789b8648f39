import type { TSchema } from "typebox";

/** values.yaml: the defaults in the schema's order, the descriptions as comments, what is optional commented out. */
export function valuesYaml(schema: TSchema, heading: string): string {
  throw new Error(`not yet ${schema} ${heading}`);
}
