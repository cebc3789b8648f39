import { and, type Document, type Expr, kubeObject, merge, onlyIf, set } from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { RoleModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** A drain of a node takes so many pods of the role at once and no more. */
export function disruptionBudget(scope: Construct, model: RoleModel): Document {
  const { definition, naming, role, r, suffix } = model;
  const base = new k8s.KubePodDisruptionBudget(scope, `${role.name}-disruption-budget`, {
    metadata: { name: definition.name },
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { "app.kubernetes.io/component": role.name } },
    },
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, suffix),
    merge("spec.selector.matchLabels", naming.selectorLabels.include),
    set("spec.maxUnavailable", r.disruptionBudget.maxUnavailable),
    onlyIf("", and(r.enabled as Expr<boolean>, r.disruptionBudget.enabled as Expr<boolean>)),
  ]);
}
