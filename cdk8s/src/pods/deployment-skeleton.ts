import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { RoleDefinition, ServiceDefinition } from "../service-definition.ts";
import { MIGRATION_URL } from "../values/config-values.ts";
import { clientLabel } from "./client-label.ts";
import { HTTP_PORT, PROBE_PORT } from "./ports.ts";
import { secretFile, secretMount } from "./secret-files.ts";
import { agentContainer, collectorContainer } from "./sidecars.ts";

const OWNER_AND_GROUP_READ = 0o440;
const TMP = { name: "tmp", mountPath: "/tmp" };

/** A role's Deployment as it is whatever the values say; deployment-overlays.ts lays them over it. */
export function deploymentSkeleton(
  scope: Construct,
  definition: ServiceDefinition,
  role: RoleDefinition,
): k8s.KubeDeployment {
  const { name, hasMigrations, peers, dependencies } = definition;
  const labels = { "app.kubernetes.io/component": role.name };
  const clientLabels = Object.fromEntries(
    [...peers.map(({ service }) => service), ...dependencies, "jaeger", "prometheus"].map((name) => [
      clientLabel(name),
      "true",
    ]),
  );
  const one = k8s.IntOrString.fromNumber(1);
  return new k8s.KubeDeployment(scope, `${role.name}-deployment`, {
    metadata: { name, labels },
    spec: {
      replicas: role.replicas,
      revisionHistoryLimit: 5,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: one, maxUnavailable: one } },
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...labels, ...clientLabels },
          annotations: { "kubectl.kubernetes.io/default-container": "app" },
        },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 45,
          initContainers: [...(hasMigrations ? [migrateContainer(name)] : []), collectorContainer(), agentContainer()],
          containers: [applicationContainer(definition, role)],
          volumes: volumes(definition),
        },
      },
    },
  });
}

function applicationContainer({ name, roles }: ServiceDefinition, role: RoleDefinition): k8s.Container {
  const probe = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString("probes") } });
  return {
    name: "app",
    image: `kassa/${name}`,
    imagePullPolicy: "IfNotPresent",
    envFrom: [{ configMapRef: { name } }],
    env: [...(roles.length > 1 ? [{ name: "ROLES", value: role.name }] : []), { name: "NODE_OPTIONS", value: "" }],
    ports: [
      ...(role.serves ? [{ name: "http", containerPort: HTTP_PORT }] : []),
      { name: "probes", containerPort: PROBE_PORT },
    ],
    startupProbe: probe("/startupz"),
    livenessProbe: probe("/livez"),
    readinessProbe: probe("/readyz"),
    volumeMounts: [TMP, secretMount("secrets")],
  };
}

/** Runs to its end before the application starts; it alone has the credentials of the schema's owner. */
function migrateContainer(name: string): k8s.Container {
  return {
    name: "migrate",
    image: `kassa/${name}`,
    imagePullPolicy: "IfNotPresent",
    args: ["src/migrate.ts"],
    envFrom: [{ configMapRef: { name } }],
    env: [
      { name: `${MIGRATION_URL}_FILE`, value: secretFile(MIGRATION_URL) },
      { name: "MIGRATION_LOCK_WAIT_MS", value: "" },
      { name: "MIGRATION_RUNTIME_ROLE", value: "" },
    ],
    volumeMounts: [TMP, secretMount("migration-secrets")],
  };
}

function volumes({ name, hasMigrations }: ServiceDefinition): k8s.Volume[] {
  const secretFiles = (volume: string) => ({
    name: volume,
    projected: { defaultMode: OWNER_AND_GROUP_READ },
  });
  const empty = (volume: string, size: string) => ({
    name: volume,
    emptyDir: { sizeLimit: k8s.Quantity.fromString(size) },
  });
  return [
    empty("tmp", "64Mi"),
    secretFiles("secrets"),
    ...(hasMigrations ? [secretFiles("migration-secrets")] : []),
    { name: "sidecar-config", configMap: { name } },
    empty("prometheus-wal", "256Mi"),
  ];
}
