import Type, { type TObject, type TSchema } from "typebox";
import type { ServiceDefinition } from "../service-definition.ts";
import { section, text } from "./kubernetes-types.ts";

/** Variables that the chart sets from other values, or that follow from what a Deployment is. */
const OWNED = new Set([
  "HTTP_HOST",
  "HTTP_PORT",
  "PROBE_HOST",
  "PROBE_PORT",
  "ROLES",
  "SHUTDOWN_PAUSE_MS",
  "SHUTDOWN_BOUND_MS",
  "DATABASE_MIGRATE",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
]);

/** The variable of a schema's owner, which only the migrating container sees: it is no part of a service's own environment. */
export const MIGRATION_URL = "MIGRATION_DATABASE_URL";

export type Variable = {
  readonly name: string;
  readonly schema: TSchema & { readonly default?: unknown; readonly description?: string };
  readonly isRequired: boolean;
};

function variablesOf(config: TObject): Variable[] {
  const required = new Set((config as { required?: readonly string[] }).required ?? []);
  return Object.entries(config.properties).map(([name, schema]) => ({ name, schema, isRequired: required.has(name) }));
}

function isSecret({ schema }: Variable): boolean {
  return (schema as { secret?: boolean }).secret === true;
}

/** The variables that become values: all but secrets and what the chart owns. */
export function plainVariables({ config }: ServiceDefinition): Variable[] {
  return variablesOf(config).filter((variable) => !isSecret(variable) && !OWNED.has(variable.name));
}

/** The variables that come from a Secret. */
export function secretVariables({ config }: ServiceDefinition): Variable[] {
  return variablesOf(config).filter(isSecret);
}

/** The section `config`: each variable with the service's own type, bounds, default and description. */
export function configValues(definition: ServiceDefinition) {
  const properties = Object.fromEntries(
    plainVariables(definition).map((variable) => [variable.name, variableValue(variable, definition)]),
  );
  return section("the service's environment; names, bounds and defaults are the service's own", properties);
}

const URL_OR_NONE = "^(https?://.+)?$";

function variableValue({ name, schema, isRequired }: Variable, { peers, defaults }: ServiceDefinition): TSchema {
  const peer = peers.find(({ variable }) => variable === name);
  if (peer !== undefined) {
    const description = `${schema.description}; empty: the chart ${peer.service} of the same release`;
    return Type.String({ default: "", pattern: URL_OR_NONE, description });
  }
  const fallback = defaults?.[name] ?? schema.default;
  const value = { ...schema, ...(fallback === undefined ? {} : { default: fallback }) } as TSchema;
  return isRequired ? value : Type.Optional(value);
}

/** The section `secrets`: where each secret variable is read from. */
export function secretValues(definition: ServiceDefinition) {
  const variables = secretVariables(definition);
  const described = [
    ...variables.map(({ name, schema }) => ({ name, description: schema.description ?? "a secret" })),
    ...(definition.hasMigrations ? [{ name: MIGRATION_URL, description: "the database, as its schema's owner" }] : []),
  ];
  return section("secrets are mounted as files, read-only, and never appear in an environment", {
    existingSecret: text("", "a Secret that has a key for each variable below; empty: the one that `data` makes"),
    data: Type.Object(
      Object.fromEntries(
        described.map(({ name, description }) => [
          name,
          Type.Optional(Type.String({ description, examples: ["..."] })),
        ]),
      ),
      { default: {}, description: "for development: the secrets themselves; in production use existingSecret" },
    ),
    optional: Type.Array(
      Type.Enum([...variables.filter(({ isRequired }) => !isRequired).map(({ name }) => name), "NONE"]),
      { default: [], description: "variables that may be left out, of which the Secret has a key all the same" },
    ),
    from: Type.Record(
      Type.String({ pattern: `^(${described.map(({ name }) => name).join("|")})$` }),
      section("a key of another Secret", {
        name: Type.String({ minLength: 1, description: "another Secret" }),
        key: Type.String({ minLength: 1, description: "the key in it" }),
      }),
      {
        additionalProperties: false,
        default: {},
        description:
          "for single variables of those above: another Secret and its key, e.g. one that a database operator writes",
      },
    ),
  });
}
