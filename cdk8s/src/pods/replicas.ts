import { type Expr, eq, not, or } from "@kassa/helm-emitter";
import type { RoleModel } from "../service-model.ts";

/** True when nobody scales the role, which is one that could be scaled: the number of pods is `replicas`. */
export function isFixed(r: RoleModel["r"], v: RoleModel["v"]): Expr<boolean> {
  const { autoscaling } = r as unknown as { readonly autoscaling: { readonly enabled: Expr<boolean> } };
  return or(not(autoscaling.enabled), eq(v.autoscaling.provider as Expr<string>, "none"));
}
