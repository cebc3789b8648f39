import {
  add,
  type Content,
  type Document,
  type Expr,
  kubeObject,
  onlyIf,
  sub,
  when,
  whenSet,
} from "@kassa/helm-emitter";
import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import { routeGroups } from "../routes/route-groups.ts";
import type { OutsideModel } from "./ingress.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** The same routes by the Gateway API, with a share of the requests for another release: a canary, or all of them for blue-green. */
export function httpRoute(scope: Construct, model: OutsideModel): Document {
  const { definition, naming, o, v } = model;
  const base = new ApiObject(scope, "http-route", {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: definition.name },
  });
  const { canary } = o.gateway;
  const isSplit = canary.service as Expr<string>;
  const backends: Content = [
    {
      name: naming.fullname,
      port: v.service.port,
      weight: when(isSplit, sub(100, canary.weight as Expr<number>)),
    },
    whenSet(isSplit, { name: isSplit, port: v.service.port, weight: canary.weight }),
  ];
  const matches = routeGroups(definition).flatMap(({ prefixes }) =>
    prefixes.map((value) => ({ path: { type: "PathPrefix", value } })),
  );
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model),
    add("spec", {
      parentRefs: o.gateway.parentRefs,
      hostnames: whenSet(o.gateway.hostnames as Expr),
      rules: [{ matches, backendRefs: backends }],
    }),
    onlyIf("", o.gateway.enabled as Expr<boolean>),
  ]);
}
