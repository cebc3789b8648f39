import { add, type Document, type Expr, kubeObject, merged, onlyIf, overwrite, set } from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { ServiceModel } from "../service-model.ts";

/** The pods' identity. They get no token: nothing here speaks to the API server. */
export function serviceAccount(
  scope: Construct,
  { definition, naming, serviceAccountName, v }: ServiceModel,
): Document {
  const base = new k8s.KubeServiceAccount(scope, "service-account", {
    metadata: { name: definition.name },
    automountServiceAccountToken: false,
  });
  return kubeObject(base.toJson(), [
    set("metadata.name", serviceAccountName.include),
    add("metadata.labels", naming.labels.include),
    add("metadata.annotations", merged(overwrite(v.commonAnnotations as Expr, v.serviceAccount.annotations as Expr))),
    onlyIf("", v.serviceAccount.create as Expr<boolean>),
  ]);
}
