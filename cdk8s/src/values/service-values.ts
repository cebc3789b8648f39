import Type from "typebox";
import { outsideRoutes } from "../routes/route-groups.ts";
import { isSplit, type ServiceDefinition } from "../service-definition.ts";
import { configValues, secretValues } from "./config-values.ts";
import { imageValues } from "./image-values.ts";
import { gatewayValues, ingressValues, kongValues } from "./ingress-values.ts";
import { choice, flag, openMap, section, text, textMap, whole } from "./kubernetes-types.ts";
import { networkPolicyValues } from "./network-policy-values.ts";
import { roleValues } from "./role-values.ts";
import { podMonitorValues, sidecarValues } from "./sidecar-values.ts";

/** Every value of a service's chart. */
export function serviceValues(definition: ServiceDefinition) {
  const { name } = definition;
  const isOutside = outsideRoutes(definition).length > 0;
  return Type.Object({
    nameOverride: text("", "in place of the chart's name in the names of objects"),
    fullnameOverride: text("", "the whole name of the objects"),
    commonLabels: textMap("labels of every object"),
    commonAnnotations: textMap("annotations of every object"),
    image: imageValues(`the service ${name}`, `kassa/${name}`, ""),
    imagePullSecrets: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: "Secrets for the registry",
    }),
    serviceAccount: section("an identity for the pods; its token is not mounted", {
      create: flag(true, "make it"),
      name: text("", "name of an existing one, or of the one to make; empty: the full name"),
      annotations: textMap("e.g. eks.amazonaws.com/role-arn for IRSA"),
    }),
    config: configValues(definition),
    secrets: secretValues(definition),
    ...(definition.hasMigrations ? { migrations: migrationValues(), database: databaseValues() } : {}),
    roles: section(
      isSplit(definition) ? "each role is a Deployment of its own" : "the service's one Deployment",
      Object.fromEntries(definition.roles.map((role) => [role.name, roleValues(role)])),
    ),
    autoscaling: section("who decides the number of pods", {
      provider: choice(
        ["hpa", "keda", "none"],
        "hpa",
        "HorizontalPodAutoscaler; KEDA's ScaledObject (needs its CRDs); or nobody",
      ),
      prometheusUrl: text("", "for keda: where the roles' own metrics are queried"),
    }),
    drain: section("how a pod ends; the parts must fit into the grace period", {
      preStopSeconds: whole(5, 0, 60, "seconds before the application is told, as endpoints take to forget a pod"),
      pauseSeconds: whole(
        2,
        0,
        60,
        "seconds between being told and refusing connections: each answer closes its connection, so that a proxy which kept it sends nothing more there",
      ),
      boundSeconds: whole(25, 1, 300, "seconds that the application may take to end, the pause included"),
      sidecarFlushSeconds: whole(10, 0, 60, "seconds that the sidecars may take to send what they hold"),
      gracePeriodSeconds: whole(45, 1, 600, "terminationGracePeriodSeconds"),
    }),
    sidecars: sidecarValues(),
    podMonitor: podMonitorValues(),
    otel: section("traces without the collector's sidecar", {
      endpoint: Type.String({
        default: "",
        pattern: "^(https?://.+)?$",
        description: "OTLP/gRPC URL; empty: no traces",
      }),
    }),
    service: section("the Service in front of the pods that answer requests", {
      type: choice(["ClusterIP", "NodePort", "LoadBalancer"], "ClusterIP", "how it is reached"),
      port: whole(8080, 1, 65_535, "its port"),
      annotations: textMap("annotations of the Service"),
    }),
    ...(isOutside ? { ingress: ingressValues(), gateway: gatewayValues(), kong: kongValues(definition.routes) } : {}),
    networkPolicy: networkPolicyValues(definition),
    ...securityValues(),
    tests: section("`helm test`", { enabled: flag(true, "make the test pods") }),
  });
}

/** What the Pod Security standard `restricted` asks for, and a root that nobody writes to. */
function securityValues() {
  return {
    podSecurityContext: openMap("of each pod", {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    }),
    securityContext: openMap("of each container", {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    }),
  };
}

function migrationValues() {
  return section("an init container brings the schema up to date, once whatever the number of pods", {
    enabled: flag(true, "add it; off: somebody else migrates"),
    runtimeRole: Type.String({
      default: "",
      pattern: "^([a-z_][a-z0-9_]{0,62})?$",
      description: "the role that the service runs as, when it is not the schema's owner: gets the rights it needs",
    }),
    lockWaitSeconds: whole(120, 1, 600, "seconds to wait for another pod that migrates"),
  });
}

function databaseValues() {
  return section("what the database can bear", {
    maxConnections: whole(0, 0, 100_000, "its max_connections: more pods than it can serve are refused; 0: unchecked"),
    reservedConnections: whole(20, 0, 10_000, "of which others need: operators, backups, other programs"),
  });
}

export type ServiceValues = Type.Static<ReturnType<typeof serviceValues>>;
