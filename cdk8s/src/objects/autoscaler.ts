import {
  add,
  and,
  type Content,
  choose,
  type Document,
  type Expr,
  eq,
  kubeObject,
  type Overlay,
  onlyIf,
  printf,
  type Ref,
  release,
  set,
  text,
  toText,
  when,
} from "@kassa/helm-emitter";
import { ApiObject } from "cdk8s";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { OwnMetric, RoleDefinition } from "../service-definition.ts";
import type { RoleModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

/** A role that is scaled, with its values. */
type Scaled = RoleModel & {
  readonly role: RoleDefinition & { readonly autoscaling: NonNullable<RoleDefinition["autoscaling"]> };
  readonly a: Ref<AutoscalingValues>;
};

type Target = { readonly enabled: boolean; readonly utilization: number };
type AutoscalingValues = {
  readonly enabled: boolean;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly cpu: Target;
  readonly memory: Target;
  readonly metric: {
    readonly enabled: boolean;
    readonly query: string;
    readonly target: number;
    readonly hpaPodsMetric: string;
  };
  readonly behavior: Record<string, unknown>;
};

/** The role with its scaling values; undefined when its number of pods is fixed. */
export function scaledRole(model: RoleModel): Scaled | undefined {
  if (model.role.autoscaling === undefined) return undefined;
  return { ...model, a: (model.r as unknown as { autoscaling: Ref<AutoscalingValues> }).autoscaling } as Scaled;
}

/**
 * Scales on the application's own CPU and memory (`ContainerResource`: sidecars do not count), and on a Pods metric where an adapter
 * serves one. Never beside a ScaledObject: the two would fight.
 */
export function podAutoscaler(scope: Construct, model: Scaled): Document {
  const { definition, naming, role, suffix, v, r, a } = model;
  const base = new k8s.KubeHorizontalPodAutoscalerV2(scope, `${role.name}-autoscaler`, {
    metadata: { name: definition.name },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: definition.name },
      minReplicas: role.autoscaling.min,
      maxReplicas: role.autoscaling.max,
    },
  });
  const podsMetric = a.metric.hpaPodsMetric as Expr<string>;
  const metrics: Content[] = [
    when(a.cpu.enabled as Expr<boolean>, containerMetric("cpu", a.cpu.utilization)),
    when(a.memory.enabled as Expr<boolean>, containerMetric("memory", a.memory.utilization)),
    when(and(a.metric.enabled as Expr, podsMetric), {
      type: "Pods",
      pods: {
        metric: { name: podsMetric },
        target: { type: "AverageValue", averageValue: toText(a.metric.target as Expr) },
      },
    }),
  ];
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, suffix),
    set("spec.scaleTargetRef.name", text`${naming.fullname}${suffix}`),
    ...bounds(a, "minReplicas", "maxReplicas"),
    add("spec.metrics", metrics),
    add("spec.behavior", a.behavior as Expr),
    onlyIf(
      "",
      and(r.enabled as Expr<boolean>, a.enabled as Expr<boolean>, eq(v.autoscaling.provider as Expr<string>, "hpa")),
    ),
  ]);
}

function containerMetric(name: "cpu" | "memory", utilization: Expr): Content {
  return {
    type: "ContainerResource",
    containerResource: { name, container: "app", target: { type: "Utilization", averageUtilization: utilization } },
  };
}

function bounds(a: Ref<AutoscalingValues>, least: string, most: string): Overlay[] {
  return [set(`spec.${least}`, a.minReplicas), set(`spec.${most}`, a.maxReplicas)];
}

/** KEDA's object, with everything in it: it makes a HorizontalPodAutoscaler of its own. A metric that cannot be read is an error, not a zero. */
export function scaledObject(scope: Construct, model: Scaled): Document {
  const { definition, naming, role, suffix, v, r, a } = model;
  const base = new ApiObject(scope, `${role.name}-scaled-object`, {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: definition.name },
    spec: {
      scaleTargetRef: { name: definition.name },
      minReplicaCount: role.autoscaling.min,
      maxReplicaCount: role.autoscaling.max,
      advanced: { horizontalPodAutoscalerConfig: { name: definition.name } },
    },
  });
  const name = text`${naming.fullname}${suffix}`;
  const selected = printf(
    'namespace="%s",release="%s",service="%s",role="%s"',
    release.namespace,
    release.name,
    definition.name,
    role.name,
  );
  const triggers: Content[] = [
    when(a.cpu.enabled as Expr<boolean>, resourceTrigger("cpu", a.cpu.utilization)),
    when(a.memory.enabled as Expr<boolean>, resourceTrigger("memory", a.memory.utilization)),
    when(a.metric.enabled as Expr<boolean>, {
      type: "prometheus",
      name: role.autoscaling.metric.name,
      metricType: "AverageValue",
      metadata: {
        serverAddress: v.autoscaling.prometheusUrl,
        query: choose(
          a.metric.query as Expr<string>,
          a.metric.query as Expr<string>,
          queryOf(role.autoscaling.metric, selected),
        ),
        threshold: toText(a.metric.target as Expr),
        ignoreNullValues: "false",
      },
    }),
  ];
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, suffix),
    set("spec.scaleTargetRef.name", name),
    ...bounds(a, "minReplicaCount", "maxReplicaCount"),
    // Another name than the chart's own HorizontalPodAutoscaler: whoever changes the provider would lose both with KEDA's.
    set("spec.advanced.horizontalPodAutoscalerConfig.name", text`${name}-keda`),
    add("spec.advanced.horizontalPodAutoscalerConfig.behavior", a.behavior as Expr),
    add("spec.triggers", triggers),
    onlyIf(
      "",
      and(r.enabled as Expr<boolean>, a.enabled as Expr<boolean>, eq(v.autoscaling.provider as Expr<string>, "keda")),
    ),
  ]);
}

function resourceTrigger(type: "cpu" | "memory", utilization: Expr): Content {
  return { type, metricType: "Utilization", metadata: { value: toText(utilization), containerName: "app" } };
}

function queryOf({ query }: OwnMetric, selected: Expr<string>): Expr<string> {
  return printf(query, selected);
}
