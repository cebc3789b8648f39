import { type Content, type Expr, type Ref, release, spread, text, when } from "@kassa/helm-emitter";
import { AGENT_PORT, COLLECTOR_HEALTH_PORT, COLLECTOR_METRICS_PORT, OTLP_PORT, PROBE_PORT } from "./ports.ts";
import type { SidecarValues } from "./sidecars.ts";

/** The collector: spans from localhost, labelled with their pod, in bounded memory, on to the gateway. */
export function collectorConfig(sidecars: Ref<SidecarValues>): Content {
  const { otel } = sidecars;
  return {
    receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${OTLP_PORT}` } } } },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: otel.memoryLimitMiB, spike_limit_mib: 16 },
      resource: {
        attributes: [
          // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the collector replaces them
          { key: "k8s.namespace.name", value: "${env:POD_NAMESPACE}", action: "upsert" },
          { key: "k8s.pod.name", value: "${env:POD_NAME}", action: "upsert" },
          { key: "k8s.pod.uid", value: "${env:POD_UID}", action: "upsert" },
          { key: "k8s.node.name", value: "${env:NODE_NAME}", action: "upsert" },
          // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the collector replaces them
        ],
      },
      batch: { timeout: "1s", send_batch_size: 512, send_batch_max_size: 1024 },
    },
    exporters: {
      otlp: {
        endpoint: otel.endpoint,
        tls: { insecure: otel.insecure },
        sending_queue: { queue_size: otel.queueSize },
        retry_on_failure: { initial_interval: "1s", max_interval: "30s", max_elapsed_time: "300s" },
      },
    },
    extensions: { health_check: { endpoint: `0.0.0.0:${COLLECTOR_HEALTH_PORT}` } },
    service: {
      extensions: ["health_check"],
      telemetry: {
        logs: { level: "warn", encoding: "json" },
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: COLLECTOR_METRICS_PORT } } } }],
        },
      },
      pipelines: {
        traces: { receivers: ["otlp"], processors: ["memory_limiter", "resource", "batch"], exporters: ["otlp"] },
      },
    },
  };
}

/** The agent: every target is localhost, so the pod's names are external labels. */
export function agentConfig(sidecars: Ref<SidecarValues>, service: string): Content {
  const { prometheus, otel } = sidecars;
  return {
    global: {
      scrape_interval: text`${prometheus.scrapeIntervalSeconds}s`,
      scrape_timeout: "1s",
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Prometheus replaces them
      external_labels: {
        namespace: "${POD_NAMESPACE}",
        pod: "${POD_NAME}",
        service,
        role: "${POD_ROLE}",
        release: release.name,
      },
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Prometheus replaces them
    },
    scrape_configs: [
      { job_name: "application", static_configs: [{ targets: [`127.0.0.1:${PROBE_PORT}`] }] },
      { job_name: "prometheus-agent", static_configs: [{ targets: [`127.0.0.1:${AGENT_PORT}`] }] },
      when(otel.enabled, {
        job_name: "otel-collector",
        static_configs: [{ targets: [`127.0.0.1:${COLLECTOR_METRICS_PORT}`] }],
      }),
    ],
    remote_write: [
      {
        url: prometheus.remoteWriteUrl,
        queue_config: {
          max_shards: 2,
          max_samples_per_send: 1000,
          batch_send_deadline: "2s",
          min_backoff: "500ms",
          max_backoff: "10s",
        },
      },
      spread(prometheus.extraRemoteWrite as unknown as Expr<readonly unknown[]>),
    ],
  };
}
