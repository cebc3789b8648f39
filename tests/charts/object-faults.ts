import type { KubeObject } from "@kassa/helm-emitter";
import { Compile } from "typebox/schema";
import { kongSchemas } from "./kong-schemas.ts";
import { vendoredSchemas } from "./vendored-schemas.ts";

const schemas = { ...vendoredSchemas(), ...kongSchemas() };
const compiled = new Map<string, ReturnType<typeof Compile>>();

/** Kinds that there is a schema of, as `apiVersion kind`; of KongPlugin with the plugin behind it. */
export const knownKinds: readonly string[] = Object.keys(schemas).sort();

/** The schema that an object must meet, as in `knownKinds`. */
export function kindOf({ apiVersion, kind, plugin }: KubeObject): string {
  return `${apiVersion} ${kind}${kind === "KongPlugin" ? ` ${String(plugin)}` : ""}`;
}

/** What is wrong with an object, each with its place: a field that is unknown, missing, or of another type; an object without a schema. */
export function objectFaults(object: KubeObject): string[] {
  const kind = kindOf(object);
  const schema = schemas[kind];
  const name = `${kind} ${object.metadata.name}`;
  if (schema === undefined) return [`${name}: no schema: npm run charts:schemas, or tests/charts/kong-schemas.ts`];
  const validator = compiled.get(kind) ?? Compile(schema as object);
  compiled.set(kind, validator);
  if (validator.Check(object)) return [];
  const [, errors] = validator.Errors(object);
  return errors.map(
    ({ instancePath, message, params }) => `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
