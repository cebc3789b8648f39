import {
  add,
  type Content,
  checksum,
  type Document,
  type Expr,
  fileText,
  kubeObject,
  onlyIf,
  set,
  text,
  yamlText,
} from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { BackingModel, Server } from "./server.ts";
import { commonOf, http } from "./server-parts.ts";

const NOBODY = 65_534;
const GRAFANA_USER = 472;
const JAEGER_USER = 10_001;

export function prometheus(model: BackingModel): Server {
  const name = text`${model.naming.fullname}-prometheus`;
  return {
    ...commonOf(model, "prometheus"),
    user: NOBODY,
    args: [
      "--config.file=/etc/prometheus/prometheus.yaml",
      "--storage.tsdb.path=/prometheus",
      text`--storage.tsdb.retention.time=${model.v.prometheus.retention}`,
      "--web.enable-remote-write-receiver",
    ],
    ports: { http: 9090 },
    readiness: http("/-/ready", "http"),
    scratch: { tmp: "/tmp" },
    data: { path: "/prometheus" },
    files: [{ name: "config", path: "/etc/prometheus", source: { configMap: { name } } }],
    checksums: { "checksum/config": checksum("templates/prometheus-config.yaml") },
  };
}

export function prometheusConfig(scope: Construct, model: BackingModel): Document {
  const base = new k8s.KubeConfigMap(scope, "prometheus-config", { metadata: { name: "prometheus" } });
  const config: Content = {
    global: { scrape_interval: "15s" },
    // What an agent could not send for a while arrives late and in pieces.
    storage: { tsdb: { out_of_order_time_window: "4h" } },
  };
  return kubeObject(base.toJson(), [
    set("metadata.name", text`${model.naming.fullname}-prometheus`),
    add("metadata.labels", model.naming.labels.include),
    add("data", { "prometheus.yaml": yamlText(config) }),
    onlyIf("", model.v.prometheus.enabled as Expr<boolean>),
  ]);
}

export function jaeger(model: BackingModel): Server {
  return {
    ...commonOf(model, "jaeger"),
    user: JAEGER_USER,
    ports: { otlp: 4317, http: 16_686 },
    readiness: { tcpSocket: { port: "http" }, periodSeconds: 2, failureThreshold: 30 },
    scratch: { tmp: "/tmp" },
  };
}

export function grafana(model: BackingModel): Server {
  return {
    ...commonOf(model, "grafana"),
    user: GRAFANA_USER,
    env: [
      { name: "GF_AUTH_ANONYMOUS_ENABLED", value: "true" },
      { name: "GF_AUTH_ANONYMOUS_ORG_ROLE", value: "Admin" },
      { name: "GF_PATHS_PROVISIONING", value: "/etc/grafana-kassa" },
    ],
    ports: { http: 3000 },
    readiness: http("/api/health", "http"),
    scratch: { tmp: "/tmp", logs: "/var/log/grafana" },
    data: { path: "/var/lib/grafana" },
    files: [
      {
        name: "provisioning",
        path: "/etc/grafana-kassa",
        source: {
          configMap: {
            name: text`${model.naming.fullname}-grafana`,
            items: [
              { key: "datasources.yaml", path: "datasources/datasources.yaml" },
              { key: "dashboards.yaml", path: "dashboards/dashboards.yaml" },
              { key: "overview.json", path: "dashboards/json/overview.json" },
            ],
          },
        },
      },
    ],
    checksums: { "checksum/config": checksum("templates/grafana-config.yaml") },
  };
}

export function grafanaConfig(scope: Construct, model: BackingModel): Document {
  const base = new k8s.KubeConfigMap(scope, "grafana-config", { metadata: { name: "grafana" } });
  const { fullname } = model.naming;
  const datasources: Content = {
    apiVersion: 1,
    datasources: [
      {
        name: "Prometheus",
        uid: "prometheus",
        type: "prometheus",
        access: "proxy",
        url: text`http://${fullname}-prometheus:9090`,
        isDefault: true,
      },
      { name: "Jaeger", uid: "jaeger", type: "jaeger", access: "proxy", url: text`http://${fullname}-jaeger:16686` },
    ],
  };
  const dashboards: Content = {
    apiVersion: 1,
    providers: [
      { name: "kassa", folder: "Kassa", type: "file", options: { path: "/etc/grafana-kassa/dashboards/json" } },
    ],
  };
  return kubeObject(base.toJson(), [
    set("metadata.name", text`${fullname}-grafana`),
    add("metadata.labels", model.naming.labels.include),
    add("data", {
      "datasources.yaml": yamlText(datasources),
      "dashboards.yaml": yamlText(dashboards),
      "overview.json": fileText("dashboards/overview.json"),
    }),
    onlyIf("", model.v.grafana.enabled as Expr<boolean>),
  ]);
}
