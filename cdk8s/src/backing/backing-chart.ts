import {
  add,
  type Content,
  type Document,
  defineChart,
  type Expr,
  each,
  entry,
  kubeObject,
  merged,
  onlyIf,
  set,
  text,
  valuesRef,
} from "@kassa/helm-emitter";
import { App, Chart as Cdk8sChart } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import { namingOf } from "../naming.ts";
import { release } from "../release.ts";
import { backingValues } from "./backing-values.ts";
import { grafana, grafanaConfig, jaeger, prometheus, prometheusConfig } from "./observability.ts";
import { overviewDashboard } from "./overview-dashboard.ts";
import { type BackingModel, type Server, serverObjects } from "./server.ts";
import { commonOf, exec } from "./server-parts.ts";

const POSTGRES_USER = 999;
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
    templates: [...naming.templates, ...servers.map(({ image }) => image)],
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

function postgres(model: BackingModel): Server {
  const { postgres: p } = model.v;
  return {
    ...commonOf(model, "postgres"),
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
  const databases = model.v.postgres.databases as Expr<Readonly<Record<string, DatabaseRoles>>>;
  const statements = each(databases, "database", (roles, name) => {
    const { owner, ownerPassword, runtime, runtimePassword } = roles;
    const sql = text`create role ${owner} login password '${ownerPassword}'; create role ${runtime} login password '${runtimePassword}'; create database ${name} owner ${owner};`;
    return entry(text`${name}.sql`, sql);
  });
  return kubeObject(base.toJson(), [
    set("metadata.name", text`${model.naming.fullname}-postgres-init`),
    add("metadata.labels", model.naming.labels.include),
    add("stringData", merged(statements)),
    onlyIf("", model.v.postgres.enabled as Expr<boolean>),
  ]);
}

type DatabaseRoles = {
  readonly owner: string;
  readonly ownerPassword: string;
  readonly runtime: string;
  readonly runtimePassword: string;
};

function redis(model: BackingModel): Server {
  return {
    ...commonOf(model, "redis"),
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
    ...commonOf(model, "kafka"),
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
