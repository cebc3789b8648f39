import Type from "typebox";
import { imageValues } from "./image-values.ts";
import { flag, openList, resources, section, text, whole } from "./kubernetes-types.ts";

/** The two native sidecars of each pod. */
export function sidecarValues() {
  return section("native sidecars: up before the application, down after it; their failures never make a pod unready", {
    otel: section("an OpenTelemetry collector that takes the application's traces on localhost and passes them on", {
      enabled: flag(false, "add it; without it traces go to otel.endpoint directly, or nowhere"),
      image: imageValues("the collector", "otel/opentelemetry-collector-contrib", "0.152.0"),
      endpoint: text("", "host:port of the gateway collector (OTLP/gRPC) behind it"),
      insecure: flag(true, "speak to the gateway without TLS"),
      memoryLimitMiB: whole(96, 32, 2_048, "MiB above which the collector refuses spans instead of dying"),
      queueSize: whole(1_000, 10, 100_000, "batches that wait while the gateway is away"),
      resources: resources({ cpu: "20m", memory: "64Mi", memoryLimit: "160Mi" }),
    }),
    prometheus: section(
      "Prometheus in agent mode: scrapes the pod on localhost, writes to a remote, keeps what it could not send",
      {
        enabled: flag(false, "add it; with podMonitor.enabled leave it off"),
        image: imageValues("Prometheus", "prom/prometheus", "v3.15.0"),
        remoteWriteUrl: text("", "where samples go, e.g. http://prometheus:9090/api/v1/write"),
        scrapeIntervalSeconds: whole(15, 1, 300, "seconds between two scrapes"),
        walSize: Type.String({
          default: "256Mi",
          pattern: "^[0-9]+(Mi|Gi)$",
          description: "volume for what could not be sent",
        }),
        resources: resources({ cpu: "20m", memory: "64Mi", memoryLimit: "192Mi" }),
        extraRemoteWrite: openList("more fields of remote_write entries, e.g. sigv4; each entry is another remote"),
      },
    ),
  });
}

/** Who may look at metrics from outside the pod. */
export function podMonitorValues() {
  return section("a PodMonitor in place of the Prometheus sidecar; needs the CRDs of the Prometheus operator", {
    enabled: flag(false, "make it"),
    intervalSeconds: whole(15, 1, 300, "seconds between two scrapes"),
    labels: Type.Record(Type.String(), Type.String(), {
      default: {},
      description: "labels by which the operator's Prometheus finds it",
    }),
  });
}
