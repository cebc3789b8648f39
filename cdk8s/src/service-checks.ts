import { type Check, type Expr, gt, int, printf, sum } from "@kassa/helm-emitter";
import type { RoleModel, ServiceModel } from "./service-model.ts";

type Scaling = {
  readonly enabled: Expr<boolean>;
  readonly minReplicas: Expr<number>;
  readonly maxReplicas: Expr<number>;
};

/** What JSON Schema cannot say: sums and comparisons of values. Each message says what to change. */
export function serviceChecks(model: ServiceModel, roles: readonly RoleModel[]): Check[] {
  return [...gracePeriod(model), ...roles.flatMap(scalingBounds)];
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

function scalingBounds({ role, r }: RoleModel): Check[] {
  if (role.autoscaling === undefined) return [];
  const { autoscaling } = r as unknown as { readonly autoscaling: Scaling };
  return [
    {
      failsIf: gt(int(autoscaling.minReplicas), int(autoscaling.maxReplicas)),
      message: printf(
        `roles.${role.name}.autoscaling.minReplicas is %d, above maxReplicas, which is %d.`,
        int(autoscaling.minReplicas),
        int(autoscaling.maxReplicas),
      ),
    },
  ];
}
