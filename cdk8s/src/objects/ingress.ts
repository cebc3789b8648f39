import {
  add,
  type Content,
  type Document,
  type Expr,
  each,
  kubeObject,
  merged,
  onlyIf,
  overwrite,
  type Ref,
  set,
  when,
} from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { Static } from "typebox";
import { type RouteGroup, routeGroups } from "../routes/route-groups.ts";
import type { ServiceModel } from "../service-model.ts";
import type { gatewayValues, ingressValues, kongValues } from "../values/ingress-values.ts";
import { kongAnnotations } from "./kong-plugins.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** The values of services that have routes for the outside world. */
export type OutsideValues = Ref<{
  readonly ingress: Static<ReturnType<typeof ingressValues>>;
  readonly gateway: Static<ReturnType<typeof gatewayValues>>;
  readonly kong: Static<ReturnType<typeof kongValues>>;
}>;

export type OutsideModel = ServiceModel & { readonly o: OutsideValues };

/** An Ingress for each group of routes: what Kong adds depends on how they authenticate. */
export function ingresses(scope: Construct, model: OutsideModel): Document[] {
  return routeGroups(model.definition).map((group) => ingress(scope, model, group));
}

function ingress(scope: Construct, model: OutsideModel, group: RouteGroup): Document {
  const { definition, naming, o, v } = model;
  const base = new k8s.KubeIngress(scope, `${group.name}-ingress`, {
    metadata: { name: definition.name },
    spec: { ingressClassName: "kong" },
  });
  const hosts = o.ingress.hosts as unknown as Expr<readonly string[]>;
  const backend = { service: { name: naming.fullname, port: { number: v.service.port } } };
  // A rule for each path: some controllers take no more than the first path of a rule when they have no TLS listener.
  const rules = group.prefixes.map((path) =>
    each(hosts, "host", (host) => ({ host, http: { paths: [{ path, pathType: "Prefix", backend }] } })),
  );
  const suffix = `-${group.name}`;
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, suffix).slice(0, 2),
    add(
      "metadata.annotations",
      merged(
        overwrite(v.commonAnnotations as Expr, o.ingress.annotations as Expr),
        when(o.kong.enabled as Expr<boolean>, kongAnnotations(model, group)),
      ),
    ),
    set("spec.ingressClassName", o.ingress.className),
    add("spec.rules", rules),
    add("spec.tls", [{ hosts, secretName: o.ingress.tlsSecret }] as Content),
    onlyIf("spec.tls", o.ingress.tlsSecret as Expr<string>),
    onlyIf("", o.ingress.enabled as Expr<boolean>),
  ]);
}
