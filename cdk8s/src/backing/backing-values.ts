import Type, { type Static } from "typebox";
import { imageValues } from "../values/image-values.ts";
import { flag, openList, openMap, resources, section, text, textMap, whole } from "../values/kubernetes-types.ts";

const volumeSize = (fallback: string) =>
  Type.String({ default: fallback, pattern: "^[0-9]+(Mi|Gi)$", description: "size of its volume" });

const persistence = (size: string) =>
  section("whether its data survives the pod", {
    enabled: flag(true, "a PersistentVolumeClaim; off: an emptyDir"),
    size: volumeSize(size),
    storageClass: text("", "empty: the cluster's default"),
  });

const SQL_NAME = "^[a-z_][a-z0-9_]*$";
/** Without what would have to be escaped in SQL or in a URL. */
const PASSWORD = "^[A-Za-z0-9-]+$";

function rolesOf(service: string) {
  const password = "development-only";
  return { owner: `${service}_owner`, ownerPassword: password, runtime: service, runtimePassword: password };
}

/** What Kassa's services need from outside, for development. */
export function backingValues() {
  return Type.Object({
    nameOverride: text("", "in place of the chart's name in the names of objects"),
    fullnameOverride: text("", "the whole name of the objects"),
    commonLabels: textMap("labels of every object"),
    commonAnnotations: textMap("annotations of every object"),
    networkPolicy: section("who may reach these servers", {
      enabled: flag(true, "only pods with the label kassa-client-<server> set to true"),
      extraFrom: openList("more peers that may come to every server, such as KEDA's operator"),
    }),
    securityContext: openMap("of each container", { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } }),
    postgres: section("PostgreSQL with a database for each service", {
      enabled: flag(true, "install it"),
      image: imageValues("PostgreSQL", "postgres", "18"),
      maxConnections: whole(300, 20, 10_000, "connections at most"),
      sharedBuffersMiB: whole(128, 16, 65_536, "MiB of shared buffers"),
      password: text("development-only", "of the superuser"),
      databases: Type.Record(
        Type.String({ pattern: SQL_NAME }),
        section("the roles of one database", {
          owner: Type.String({ pattern: SQL_NAME, description: "role that owns its schema and migrates it" }),
          ownerPassword: Type.String({ pattern: PASSWORD, description: "its password" }),
          runtime: Type.String({ pattern: SQL_NAME, description: "role that the service runs as" }),
          runtimePassword: Type.String({ pattern: PASSWORD, description: "its password" }),
        }),
        {
          additionalProperties: false,
          default: Object.fromEntries(["transactions", "acquirer"].map((name) => [`kassa_${name}`, rolesOf(name)])),
          description: "by their names; made when the volume is new",
        },
      ),
      persistence: persistence("5Gi"),
      resources: resources({ cpu: "200m", memory: "256Mi", memoryLimit: "1Gi" }),
    }),
    redis: section("Redis", {
      enabled: flag(true, "install it"),
      image: imageValues("Redis", "redis", "8"),
      resources: resources({ cpu: "20m", memory: "32Mi", memoryLimit: "128Mi" }),
    }),
    kafka: section("Kafka, one node", {
      enabled: flag(true, "install it"),
      image: imageValues("Kafka", "apache/kafka", "4.1.1"),
      heapMiB: whole(320, 128, 8_192, "MiB of Java's heap"),
      persistence: persistence("5Gi"),
      resources: resources({ cpu: "200m", memory: "512Mi", memoryLimit: "1Gi" }),
    }),
    prometheus: section("Prometheus, which takes what the sidecars write", {
      enabled: flag(true, "install it"),
      image: imageValues("Prometheus", "prom/prometheus", "v3.15.0"),
      retention: Type.String({ default: "2d", pattern: "^[0-9]+[hdw]$", description: "how long samples are kept" }),
      resources: resources({ cpu: "50m", memory: "128Mi", memoryLimit: "768Mi" }),
    }),
    jaeger: section("Jaeger, which takes what the collectors send", {
      enabled: flag(true, "install it"),
      image: imageValues("Jaeger", "jaegertracing/jaeger", "2.13.0"),
      resources: resources({ cpu: "50m", memory: "128Mi", memoryLimit: "768Mi" }),
    }),
    grafana: section("Grafana with Kassa's dashboards", {
      enabled: flag(true, "install it"),
      image: imageValues("Grafana", "grafana/grafana", "12.3.0"),
      resources: resources({ cpu: "50m", memory: "128Mi", memoryLimit: "384Mi" }),
    }),
  });
}

export type BackingValues = Static<ReturnType<typeof backingValues>>;
