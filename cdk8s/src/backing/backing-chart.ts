import {
  add,
  type Content,
  checksum,
  type Document,
  defineChart,
  type Expr,
  each,
  entry,
  fileText,
  kubeObject,
  merged,
  onlyIf,
  printf,
  set,
  text,
  valuesRef,
  yamlText,
} from "@kassa/helm-emitter";
import { App, Chart as Cdk8sChart } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import { type ImageRef, imageTemplate } from "../image.ts";
import { namingOf } from "../naming.ts";
import { release } from "../release.ts";
import { backingValues } from "./backing-values.ts";
import { overviewDashboard } from "./overview-dashboard.ts";
import { type BackingModel, type Server, serverObjects } from "./server.ts";

const POSTGRES_USER = 999;
const NOBODY = 65_534;
const GRAFANA_USER = 472;
const JAEGER_USER = 10_001;
const APP_USER = 1000;

/** For development only: the servers that Kassa needs, one pod each, with passwords that everybody knows. */
export function backingChart() {
  const schema = backingValues();
  const v = valuesRef(schema);
  const naming = namingOf("kassa-backing", v as never);
  const model = { v, naming } as unknown as BackingModel;
  const scope = new Cdk8sChart(new App(), "kassa-backing");
  const servers = [postgres(model), redis(model), kafka(model), prometheus(model), jaeger(model), grafana(model)];
  return defineChart({
    ...release,
    name: "kassa-backing",
    description: "For development only: PostgreSQL, Redis, Kafka, Prometheus, Jaeger and Grafana for Kassa.",
    values: schema,
    templates: [...naming.templates.slice(0, 4), ...servers.map(({ image }) => image)],
    files: [
      ...servers.map((server) => ({
        path: `templates/${server.name}.yaml`,
        comment: "One pod, for development.",
        documents: serverObjects(scope, model, server),
      })),
      {
        path: "templates/postgres-init.yaml",
        comment: "Roles and databases, made when the volume is new.",
        documents: [postgresInit(scope, model)],
      },
      {
        path: "templates/prometheus-config.yaml",
        comment: "Scrapes nobody: the sidecars write.",
        documents: [prometheusConfig(scope, model)],
      },
      {
        path: "templates/grafana-config.yaml",
        comment: "Data sources and dashboards.",
        documents: [grafanaConfig(scope, model)],
      },
    ],
    assets: { "dashboards/overview.json": `${JSON.stringify(overviewDashboard, null, 2)}\n` },
    readme: {
      introduction:
        "The servers that Kassa needs, for development on kind or minikube. Nothing here is fit for production: one pod each, and passwords that everybody knows.",
    },
  });
}

/** What all servers take from their section of the values. */
function common({ v }: BackingModel, name: "postgres" | "redis" | "kafka" | "prometheus" | "jaeger" | "grafana") {
  const section = v[name];
  return {
    name,
    enabled: section.enabled as Expr<boolean>,
    image: imageTemplate(`kassa-backing.${name}Image`, name, section.image as ImageRef),
    pullPolicy: section.image.pullPolicy as Expr<string>,
    resources: section.resources as Expr,
  };
}

const http = (path: string, port: string): Content => ({
  httpGet: { path, port },
  periodSeconds: 2,
  failureThreshold: 30,
});
const exec = (...command: string[]): Content => ({
  exec: { command },
  periodSeconds: 2,
  timeoutSeconds: 5,
  failureThreshold: 30,
});

function postgres(model: BackingModel): Server {
  const { postgres: p } = model.v;
  return {
    ...common(model, "postgres"),
    user: POSTGRES_USER,
    args: [
      "postgres",
      "-c",
      text`max_connections=${p.maxConnections}`,
      "-c",
      text`shared_buffers=${p.sharedBuffersMiB}MB`,
      "-c",
      "jit=off",
    ],
    env: [
      { name: "POSTGRES_PASSWORD", value: p.password },
      { name: "PGDATA", value: "/var/lib/postgresql/data/pgdata" },
      // A group commit allocates a few MB and frees them; kept, they need not be faulted in again.
      { name: "MALLOC_MMAP_THRESHOLD_", value: "33554432" },
      { name: "MALLOC_TRIM_THRESHOLD_", value: "33554432" },
    ],
    ports: { postgres: 5432 },
    readiness: exec("pg_isready", "-h", "127.0.0.1", "-U", "postgres"),
    scratch: { tmp: "/tmp", run: "/var/run/postgresql" },
    data: { path: "/var/lib/postgresql/data", persistence: p.persistence },
    files: [
      {
        name: "init",
        path: "/docker-entrypoint-initdb.d",
        source: { secret: { secretName: text`${model.naming.fullname}-postgres-init` } },
      },
    ],
  };
}

/** SQL for each database, run by the image when the volume is new. In a Secret, for the passwords. */
function postgresInit(scope: Construct, model: BackingModel): Document {
  const base = new k8s.KubeSecret(scope, "postgres-init", { metadata: { name: "postgres-init" }, type: "Opaque" });
  const statements = each(
    model.v.postgres.databases as unknown as Expr<readonly Database[]>,
    "database",
    (database) => {
      const { name, owner, ownerPassword, runtime, runtimePassword } = database as unknown as Readonly<
        Record<keyof Database, Expr<string>>
      >;
      const sql = text`create role ${owner} login password '${ownerPassword}'; create role ${runtime} login password '${runtimePassword}'; create database ${name} owner ${owner};`;
      return entry(printf("%s.sql", name) as never, sql);
    },
  );
  return kubeObject(base.toJson(), [
    set("metadata.name", text`${model.naming.fullname}-postgres-init`),
    add("metadata.labels", model.naming.labels.include),
    add("stringData", merged(statements)),
    onlyIf("", model.v.postgres.enabled as Expr<boolean>),
  ]);
}

type Database = {
  readonly name: string;
  readonly owner: string;
  readonly ownerPassword: string;
  readonly runtime: string;
  readonly runtimePassword: string;
};

function redis(model: BackingModel): Server {
  return {
    ...common(model, "redis"),
    user: POSTGRES_USER,
    args: [
      "redis-server",
      "--save",
      "",
      "--appendonly",
      "no",
      "--maxmemory",
      "96mb",
      "--maxmemory-policy",
      "noeviction",
    ],
    ports: { redis: 6379 },
    readiness: exec("redis-cli", "ping"),
    scratch: { tmp: "/tmp" },
    data: { path: "/data" },
  };
}

function kafka(model: BackingModel): Server {
  const { kafka: k } = model.v;
  const env = (settings: Readonly<Record<string, Content>>): Content[] =>
    Object.entries(settings).map(([name, value]) => ({ name, value }));
  return {
    ...common(model, "kafka"),
    user: APP_USER,
    env: env({
      KAFKA_NODE_ID: "1",
      KAFKA_PROCESS_ROLES: "broker,controller",
      KAFKA_LISTENERS: "PLAINTEXT://:9092,CONTROLLER://127.0.0.1:9093",
      KAFKA_ADVERTISED_LISTENERS: text`PLAINTEXT://${model.naming.fullname}-kafka:9092`,
      KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
      KAFKA_CONTROLLER_QUORUM_VOTERS: "1@127.0.0.1:9093",
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
      KAFKA_LOG_DIRS: "/var/lib/kafka/data/log",
      KAFKA_HEAP_OPTS: text`-Xms128m -Xmx${k.heapMiB}m`,
      // The image writes its configuration and logs below these.
      LOG_DIR: "/tmp/logs",
    }),
    ports: { kafka: 9092 },
    readiness: { tcpSocket: { port: "kafka" }, periodSeconds: 2, failureThreshold: 60 },
    scratch: { tmp: "/tmp" },
    data: { path: "/var/lib/kafka/data", persistence: k.persistence },
  };
}

function prometheus(model: BackingModel): Server {
  const name = text`${model.naming.fullname}-prometheus`;
  return {
    ...common(model, "prometheus"),
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

function prometheusConfig(scope: Construct, model: BackingModel): Document {
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

function jaeger(model: BackingModel): Server {
  return {
    ...common(model, "jaeger"),
    user: JAEGER_USER,
    ports: { otlp: 4317, http: 16_686 },
    readiness: { tcpSocket: { port: "http" }, periodSeconds: 2, failureThreshold: 30 },
    scratch: { tmp: "/tmp" },
  };
}

function grafana(model: BackingModel): Server {
  return {
    ...common(model, "grafana"),
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

function grafanaConfig(scope: Construct, model: BackingModel): Document {
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
