import { defaultTo, type Expr, type NamedTemplate, type Ref, textTemplate, valuesRef } from "@kassa/helm-emitter";
import { imageTemplate } from "./image.ts";
import { type Naming, namingOf } from "./naming.ts";
import { isSplit, type RoleDefinition, type ServiceDefinition } from "./service-definition.ts";
import type { RoleValues } from "./values/role-values.ts";
import { type ServiceValues, serviceValues } from "./values/service-values.ts";

/** What all objects of a service's chart are made from. */
export type ServiceModel = {
  readonly definition: ServiceDefinition;
  readonly schema: ReturnType<typeof serviceValues>;
  readonly v: Ref<ServiceValues>;
  readonly naming: Naming;
  /** The name of the pods' ServiceAccount. */
  readonly serviceAccountName: NamedTemplate<string>;
  /** The Secret that holds the service's secrets. */
  readonly secretName: NamedTemplate<string>;
  readonly images: {
    readonly app: NamedTemplate<string>;
    readonly otel: NamedTemplate<string>;
    readonly prometheus: NamedTemplate<string>;
  };
};

/** One role of it, with its values. */
export type RoleModel = ServiceModel & {
  readonly role: RoleDefinition;
  readonly r: Ref<RoleValues>;
  /** `-api` where a service has several Deployments, else nothing. */
  readonly suffix: string;
};

export function serviceModel(definition: ServiceDefinition): ServiceModel {
  const schema = serviceValues(definition);
  const v = valuesRef(schema);
  const { name } = definition;
  const naming = namingOf(name, v);
  const accountName = defaultTo(v.serviceAccount.name as Expr<string>, naming.fullname) as Expr<string>;
  const secretName = defaultTo(v.secrets.existingSecret as Expr<string>, naming.fullname) as Expr<string>;
  return {
    definition,
    schema,
    v,
    naming,
    serviceAccountName: textTemplate(`${name}.serviceAccountName`, "The identity of the pods.", accountName),
    secretName: textTemplate(`${name}.secretName`, "The Secret with the service's secrets.", secretName),
    images: {
      app: imageTemplate(`${name}.image`, `the service ${name}`, v.image),
      otel: imageTemplate(`${name}.otelImage`, "the OpenTelemetry collector", v.sidecars.otel.image),
      prometheus: imageTemplate(`${name}.prometheusImage`, "Prometheus", v.sidecars.prometheus.image),
    },
  };
}

export function roleModel(model: ServiceModel, role: RoleDefinition): RoleModel {
  const roles = model.v.roles as unknown as Readonly<Record<string, Ref<RoleValues>>>;
  const r = roles[role.name];
  if (r === undefined) throw new Error(`${model.definition.name} has no values of the role ${role.name}`);
  return { ...model, role, r, suffix: isSplit(model.definition) ? `-${role.name}` : "" };
}
