import type Type from "typebox";
import type { RoleDefinition } from "../service-definition.ts";
import { flag, openList, openMap, resources, section, text, textMap, whole } from "./kubernetes-types.ts";

const POD_LIMIT = 200;

/** What one role of a service (a Deployment) can be told. */
export function roleValues(role: RoleDefinition) {
  return section(`the role ${role.name}: ${role.description}`, {
    enabled: flag(true, "install this role"),
    replicas: whole(role.replicas, 0, role.autoscaling?.mostPods ?? POD_LIMIT, "pods, when nothing scales them"),
    ...(role.autoscaling === undefined ? {} : { autoscaling: autoscalingValues(role.autoscaling) }),
    resources: resources(role.resources),
    disruptionBudget: section("how many pods a drain of a node may take at once", {
      enabled: flag(true, "make a PodDisruptionBudget"),
      maxUnavailable: whole(1, 1, POD_LIMIT, "pods that may be away by evictions"),
    }),
    strategy: section("how a new version replaces the old", {
      maxSurge: whole(1, 1, POD_LIMIT, "pods more than wanted during an update"),
      maxUnavailable: whole(0, 0, POD_LIMIT, "pods fewer than wanted during an update"),
    }),
    probes: section("how the kubelet looks after the application", {
      startup: section("until it has passed once, the others wait", {
        periodSeconds: whole(2, 1, 60, "seconds between two looks"),
        failureThreshold: whole(60, 1, 600, "failures after which the container is restarted"),
      }),
      liveness: section("a process that no longer answers is restarted", {
        periodSeconds: whole(10, 1, 300, "seconds between two looks"),
        timeoutSeconds: whole(5, 1, 60, "seconds for an answer"),
        failureThreshold: whole(6, 1, 60, "failures after which the container is restarted"),
      }),
      readiness: section("started and not draining; what the service needs from others is no part of it", {
        periodSeconds: whole(2, 1, 60, "seconds between two looks"),
        timeoutSeconds: whole(2, 1, 60, "seconds for an answer"),
        failureThreshold: whole(3, 1, 60, "failures after which it gets no more requests"),
      }),
    }),
    heapPercent: whole(
      60,
      10,
      70,
      "share of the memory limit that JavaScript's heap may take; the rest is for buffers, code and native modules",
    ),
    extraEnv: openList("more environment variables of the application, as in a Pod"),
    extraVolumes: openList("more volumes of the pod"),
    extraVolumeMounts: openList("more mounts of the application"),
    podLabels: textMap("more labels of the pods"),
    podAnnotations: textMap("more annotations of the pods"),
    priorityClassName: text("", "an existing PriorityClass"),
    nodeSelector: textMap("labels that a node must have"),
    tolerations: openList("taints that the pods tolerate"),
    affinity: openMap("rules of scheduling"),
    topologySpread: section("pods of the role are spread over zones and nodes", {
      enabled: flag(true, "add the constraints"),
      maxSkew: whole(1, 1, 10, "how uneven it may be"),
      required: flag(false, "true: rather no pod than an uneven one (DoNotSchedule)"),
    }),
  });
}

function autoscalingValues({ min, max, mostPods, metric }: NonNullable<RoleDefinition["autoscaling"]>) {
  const most = mostPods ?? POD_LIMIT;
  return section("how many pods; by whom is said by autoscaling.provider", {
    enabled: flag(true, "scale this role"),
    minReplicas: whole(min, 1, most, "pods at least"),
    maxReplicas: whole(
      max,
      1,
      most,
      mostPods === undefined
        ? "pods at most"
        : `pods at most; ${mostPods} are as many as there are partitions to share`,
    ),
    cpu: section("the application's CPU alone, without the sidecars'", {
      enabled: flag(true, "scale on it"),
      utilization: whole(70, 10, 95, "percent of the request"),
    }),
    memory: section("the application's memory alone", {
      enabled: flag(true, "scale on it"),
      // Well above what a busy pod was measured to use (docs/kubernetes.md), below what its heap may grow to.
      utilization: whole(110, 10, 200, "percent of the request"),
    }),
    metric: section("the service's own metric", {
      enabled: flag(true, "scale on it; with the provider hpa it needs a metrics adapter: see hpaPodsMetric"),
      query: text("", `PromQL for the provider keda, of the sum over all pods; empty: ${metric.description}`),
      target: whole(metric.target, 1, 1_000_000, "its value for each pod"),
      hpaPodsMetric: text(
        "",
        "name under which a metrics adapter serves it for pods; only then the provider hpa uses it",
      ),
    }),
    behavior: openMap("pace of scaling, as in a HorizontalPodAutoscaler", {
      scaleUp: { stabilizationWindowSeconds: 0 },
      scaleDown: { stabilizationWindowSeconds: 300 },
    }),
  });
}

export type RoleValues = Type.Static<ReturnType<typeof roleValues>>;
