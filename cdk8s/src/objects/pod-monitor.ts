import { add, type Document, type Expr, kubeObject, onlyIf, set, text } from "@kassa/helm-emitter";
import { ApiObject } from "cdk8s";
import type { Construct } from "constructs";
import type { ServiceModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** For clusters with the Prometheus operator, in place of the sidecar. */
export function podMonitor(scope: Construct, model: ServiceModel): Document {
  const { definition, naming, v } = model;
  const base = new ApiObject(scope, "pod-monitor", {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: definition.name },
    spec: {
      podMetricsEndpoints: [
        {
          port: "probes",
          path: "/metrics",
          interval: "15s",
          relabelings: [
            { sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_name"], targetLabel: "service" },
            { sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_component"], targetLabel: "role" },
            { sourceLabels: ["__meta_kubernetes_pod_label_app_kubernetes_io_instance"], targetLabel: "release" },
          ],
        },
      ],
    },
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, "", v.podMonitor.labels as Expr),
    add("spec.selector", { matchLabels: naming.selectorLabels.include }),
    set("spec.podMetricsEndpoints[0].interval", text`${v.podMonitor.intervalSeconds}s`),
    onlyIf("", v.podMonitor.enabled as Expr<boolean>),
  ]);
}
