import { add, type Document, type Expr, kubeObject, merge, merged, onlyIf, overwrite, set } from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { RoleModel } from "../service-model.ts";

/** The Service of the role that answers requests; it has the name of the whole, without the role. */
export function service(scope: Construct, { definition, naming, role, v, r }: RoleModel): Document {
  const base = new k8s.KubeService(scope, "service", {
    metadata: { name: definition.name },
    spec: {
      type: "ClusterIP",
      selector: { "app.kubernetes.io/component": role.name },
      ports: [{ name: "http", port: 8080, targetPort: k8s.IntOrString.fromString("http"), appProtocol: "http" }],
    },
  });
  return kubeObject(base.toJson(), [
    set("metadata.name", naming.fullname),
    add("metadata.labels", naming.labels.include),
    add("metadata.annotations", merged(overwrite(v.commonAnnotations as Expr, v.service.annotations as Expr))),
    set("spec.type", v.service.type),
    merge("spec.selector", naming.selectorLabels.include),
    set("spec.ports[name=http].port", v.service.port),
    onlyIf("", r.enabled as Expr<boolean>),
  ]);
}
