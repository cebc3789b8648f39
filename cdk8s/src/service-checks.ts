import {
  and,
  type Check,
  type Expr,
  eq,
  gt,
  int,
  ne,
  not,
  or,
  printf,
  type Ref,
  sum,
  ternary,
} from "@kassa/helm-emitter";
import { connectionBudget } from "./connection-budget.ts";
import type { OutsideValues } from "./objects/ingress.ts";
import { outsideRoutes } from "./routes/route-groups.ts";
import type { RoleModel, ServiceModel } from "./service-model.ts";

type Scaling = Ref<{
  readonly enabled: boolean;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly cpu: { readonly enabled: boolean };
  readonly memory: { readonly enabled: boolean };
  readonly metric: { readonly enabled: boolean; readonly hpaPodsMetric: string };
}>;

/** What JSON Schema cannot say: sums and comparisons of values. Each message says what to change. */
export function serviceChecks(model: ServiceModel, roles: readonly RoleModel[]): Check[] {
  return [
    ...gracePeriod(model),
    ...roles.flatMap(scaling),
    ...connectionBudget(model, roles),
    ...(outsideRoutes(model.definition).length === 0 ? [] : kong(model.v as unknown as OutsideValues)),
  ];
}

function kong({ kong: { enabled, rateLimit } }: OutsideValues): Check[] {
  return [
    {
      failsIf: and(
        enabled as Expr<boolean>,
        eq(rateLimit.policy as Expr<string>, "redis"),
        not(rateLimit.redis.host as Expr),
      ),
      message:
        "kong.rateLimit.policy is redis, but kong.rateLimit.redis.host is empty: say where Redis is, or count in each Kong pod with the policy local.",
    },
  ];
}

function gracePeriod({ v }: ServiceModel): Check[] {
  const { preStopSeconds, boundSeconds, sidecarFlushSeconds, gracePeriodSeconds } = v.drain as unknown as Record<
    string,
    Expr<number>
  > & {
    preStopSeconds: Expr<number>;
    boundSeconds: Expr<number>;
    sidecarFlushSeconds: Expr<number>;
    gracePeriodSeconds: Expr<number>;
  };
  const needed = sum(preStopSeconds, boundSeconds, sidecarFlushSeconds);
  return [
    {
      failsIf: gt(needed, int(gracePeriodSeconds)),
      message: printf(
        "drain.gracePeriodSeconds is %d, but preStopSeconds + boundSeconds + sidecarFlushSeconds are %d: the pod would be killed while it drains. Raise the grace period or lower the others.",
        int(gracePeriodSeconds),
        needed,
      ),
    },
  ];
}

function scaling(model: RoleModel): Check[] {
  const { role, r } = model;
  if (role.autoscaling === undefined) return [];
  const { autoscaling } = r as unknown as { readonly autoscaling: Scaling };
  const [least, most] = [int(autoscaling.minReplicas), int(autoscaling.maxReplicas)];
  return [
    {
      failsIf: gt(least, most),
      message: printf(`roles.${role.name}.autoscaling.minReplicas is %d, above maxReplicas, which is %d.`, least, most),
    },
    ...scalingMetrics(model, autoscaling),
  ];
}

/** An autoscaler without a metric falls back on one of Kubernetes' choosing; KEDA's metric without an address is an error for ever. */
function scalingMetrics({ role, r, v }: RoleModel, { enabled, cpu, memory, metric }: Scaling): Check[] {
  const provider = v.autoscaling.provider as Expr<string>;
  const isScaled = and(r.enabled as Expr<boolean>, enabled as Expr<boolean>, ne(provider, "none"));
  const isReadable = ternary(eq(provider, "hpa"), ne(metric.hpaPodsMetric as Expr<string>, ""), true);
  const ownMetric = and(metric.enabled as Expr<boolean>, isReadable);
  const at = `roles.${role.name}.autoscaling`;
  return [
    {
      failsIf: and(isScaled, not(or(cpu.enabled as Expr<boolean>, memory.enabled as Expr<boolean>, ownMetric))),
      message: `${at} is enabled, but there is nothing to scale on: enable cpu, memory or metric (which needs hpaPodsMetric with the provider hpa), or set ${at}.enabled to false.`,
    },
    {
      failsIf: and(
        isScaled,
        eq(provider, "keda"),
        metric.enabled as Expr<boolean>,
        not(v.autoscaling.prometheusUrl as Expr),
      ),
      message: `${at}.metric is enabled and KEDA asks Prometheus for it, but autoscaling.prometheusUrl is empty: say where Prometheus is, or set ${at}.metric.enabled to false.`,
    },
  ];
}
