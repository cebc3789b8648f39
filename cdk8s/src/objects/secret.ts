import { add, type Document, type Expr, kubeObject, onlyWith } from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { ServiceModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** For development: secrets out of the values. In production a Secret exists before the chart. */
export function secret(scope: Construct, model: ServiceModel): Document {
  const { definition, v } = model;
  const base = new k8s.KubeSecret(scope, "secret", {
    metadata: { name: definition.name },
    type: "Opaque",
  });
  const data = v.secrets.data as Expr;
  return kubeObject(base.toJson(), [...metadataOverlays(model), add("stringData", data), onlyWith("", data)]);
}
