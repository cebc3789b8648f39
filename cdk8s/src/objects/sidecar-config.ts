import { add, type Document, type Expr, kubeObject, onlyIf, or, when, yamlText } from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import { agentConfig, collectorConfig } from "../pods/sidecar-configs.ts";
import type { ServiceModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** The configuration of both sidecars. */
export function sidecarConfig(scope: Construct, model: ServiceModel): Document {
  const { definition, v } = model;
  const { otel, prometheus } = v.sidecars;
  const base = new k8s.KubeConfigMap(scope, "sidecar-config", {
    metadata: { name: definition.name },
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, "-sidecars"),
    add("data", {
      "collector.yaml": when(otel.enabled as Expr<boolean>, yamlText(collectorConfig(v.sidecars))),
      "agent.yaml": when(prometheus.enabled as Expr<boolean>, yamlText(agentConfig(v.sidecars, definition.name))),
    }),
    onlyIf("", or(otel.enabled as Expr<boolean>, prometheus.enabled as Expr<boolean>)),
  ]);
}
