import type { Static, TSchema } from "typebox";
import { ChartDefinitionError } from "../chart-definition-error.ts";
import { describeKeys } from "../nearest-key.ts";
import { type Expr, type ExpressionNode, expr, NODE, type RootName, type SchemaNode } from "./expression.ts";

/**
 * A place in the values, typed: each property of the schema is a reference again. A key that the schema does not know throws.
 * Maps with free keys and lists have no properties: use `at`, `each`, or hand them over whole.
 */
export type Ref<T> = Expr<T> & Fields<T>;
type Fields<T> = T extends readonly unknown[]
  ? unknown
  : T extends object
    ? string extends keyof T
      ? unknown
      : { readonly [K in keyof T]-?: Ref<Exclude<T[K], undefined>> }
    : unknown;

/** The chart's values by their schema: `valuesRef(schema).image.tag` prints as `.Values.image.tag`. */
export function valuesRef<S extends TSchema>(schema: S): Ref<Static<S>> {
  return refOf({ kind: "root", name: "Values", schema: schema as SchemaNode }) as Ref<Static<S>>;
}

/** A reference to any node whose schema is known: what a loop hands to its body. */
export function refOf<T>(node: ExpressionNode & { readonly schema: SchemaNode }): Ref<T> {
  const handler: ProxyHandler<object> = {
    get: (_, key) =>
      key === NODE ? node : typeof key === "string" && !ABSENT.has(key) ? fieldOf(node, key) : undefined,
    has: (_, key) => key === NODE,
  };
  return new Proxy({}, handler) as Ref<T>;
}

/** What Node and test tools ask any object for. */
const ABSENT = new Set(["then", "toJSON", "constructor"]);

function fieldOf(of: ExpressionNode & { readonly schema: SchemaNode }, key: string): Ref<unknown> {
  const schema = of.schema.properties?.[key];
  if (schema === undefined) {
    const known = Object.keys(of.schema.properties ?? {});
    throw new ChartDefinitionError(`${describeRef(of)} has no key "${key}": ${describeKeys(key, known)}`);
  }
  return refOf({ kind: "field", of, key, schema });
}

function describeRef(node: ExpressionNode): string {
  if (node.kind === "field") return `${describeRef(node.of)}.${node.key}`;
  return node.kind === "root" ? `.${node.name}` : node.kind === "variable" ? `$${node.name}` : "the expression";
}

const text: SchemaNode = { type: "string" };
const flag: SchemaNode = { type: "boolean" };

function builtin<T>(root: RootName, key: string, schema: SchemaNode): Expr<T> {
  return expr({ kind: "field", of: { kind: "root", name: root, schema: {} }, key, schema });
}

/** The release that is being rendered. */
export const release = {
  name: builtin<string>("Release", "Name", text),
  namespace: builtin<string>("Release", "Namespace", text),
  service: builtin<string>("Release", "Service", text),
  isInstall: builtin<boolean>("Release", "IsInstall", flag),
  isUpgrade: builtin<boolean>("Release", "IsUpgrade", flag),
} as const;

/** The chart that is being rendered; a subchart sees itself. */
export const chart = {
  name: builtin<string>("Chart", "Name", text),
  version: builtin<string>("Chart", "Version", text),
  appVersion: builtin<string>("Chart", "AppVersion", text),
} as const;

/** API groups that every cluster serves: to ask for them would hide a fault. `helm template` knows them too. */
const BUILT_IN_GROUP =
  /^(v1|(apps|batch|autoscaling|policy|(networking|rbac\.authorization|storage|scheduling|discovery)\.k8s\.io)\/.*)$/;

/** What the cluster can do: `capabilities.apiVersions.has("monitoring.coreos.com/v1")`. */
export const capabilities = {
  apiVersions: {
    /** @throws ChartDefinitionError for an API that every cluster has */
    has: (apiVersion: string): Expr<boolean> => {
      if (BUILT_IN_GROUP.test(apiVersion)) {
        throw new ChartDefinitionError(
          `every cluster of the charts' kubeVersion has ${apiVersion}: leave the guard out`,
        );
      }
      return expr({ kind: "capability", apiVersion });
    },
  },
} as const;
