import { and, type Check, type Expr, gt, int, mul, printf, type Ref, sub, sum, ternary } from "@kassa/helm-emitter";
import { isFixed } from "./pods/replicas.ts";
import type { RoleModel, ServiceModel } from "./service-model.ts";

type DatabaseRefs = {
  readonly config: { readonly DATABASE_POOL_MAX: Expr<number> };
  readonly database: Ref<{ readonly maxConnections: number; readonly reservedConnections: number }>;
};

/**
 * Refuses more pods than the database can serve: during an update, and scaled as far as may be, all of them open their pools. A second
 * release beside this one, as in a canary, opens its own: reserve them.
 */
export function connectionBudget({ definition, v }: ServiceModel, roles: readonly RoleModel[]): Check[] {
  if (!definition.hasMigrations) return [];
  const { config, database } = v as unknown as DatabaseRefs;
  const pool = int(config.DATABASE_POOL_MAX);
  const most = database.maxConnections as Expr<number>;
  const spared = sub(most, database.reservedConnections as Expr<number>);
  const needed = total(
    roles.map((model) => {
      const { connectionsBesidePool } = model.role;
      return mul(mostPods(model), connectionsBesidePool === undefined ? pool : sum(pool, connectionsBesidePool));
    }),
  );
  const extras = roles.flatMap(({ role: { name, connectionsBesidePool } }) =>
    connectionsBesidePool === undefined ? [] : [`, and each ${name} ${connectionsBesidePool} more`],
  );
  return [
    {
      failsIf: and(most as Expr, gt(needed, spared)),
      message: printf(
        `All pods together may open %d connections, with config.DATABASE_POOL_MAX of %d in each of the most pods that maxReplicas (or replicas) and strategy.maxSurge allow${extras.join("")}; but database.maxConnections less database.reservedConnections is %d. Lower DATABASE_POOL_MAX or maxReplicas, or take a database that bears more and say so.`,
        needed,
        pool,
        spared,
      ),
    },
  ];
}

/** Scaled as far as may be, and as many more as an update starts before it ends old ones. */
function mostPods({ role, r, v }: RoleModel): Expr<bigint> {
  const replicas = int(r.replicas as Expr<number>);
  const wanted = role.autoscaling === undefined ? replicas : ternary(isFixed(r, v), replicas, maxReplicas(r));
  return ternary(r.enabled as Expr<boolean>, sum(wanted, r.strategy.maxSurge as Expr<number>), 0n);
}

function maxReplicas(r: RoleModel["r"]): Expr<bigint> {
  return int(
    (r as unknown as { readonly autoscaling: { readonly maxReplicas: Expr<number> } }).autoscaling.maxReplicas,
  );
}

function total([first, second, ...rest]: readonly Expr<bigint>[]): Expr<bigint> {
  if (first === undefined) throw new Error("a service has a role");
  return second === undefined ? first : sum(first, second, ...rest);
}
