import { add, type Document, type Expr, kubeObject, merge, onlyIf, set, text } from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import { clientLabel } from "../pods/client-label.ts";
import type { ServiceModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

const TRIES = 30;

/** Asks the Service, from a pod that may, until it answers as it should; ends with 1 when it does not within a minute. */
const program = `const [base, ...paths] = process.argv.slice(1);
for (const path of paths) {
  for (let tries = 1; ; tries += 1) {
    const status = await fetch(base + path, { signal: AbortSignal.timeout(2000) }).then((answer) => answer.status, (error) => error.message);
    console.log(path, status);
    if (status === 200) break;
    if (tries === ${TRIES}) process.exit(1);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}`;

/** `helm test`: the Service answers and documents itself. */
export function testPod(scope: Construct, model: ServiceModel): Document {
  const { definition, naming, images, v } = model;
  const base = new k8s.KubePod(scope, "test-pod", {
    metadata: {
      name: definition.name,
      labels: { [clientLabel(definition.name)]: "true" },
      annotations: { "helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded" },
    },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        {
          name: "test",
          image: definition.name,
          imagePullPolicy: "IfNotPresent",
          command: ["node", "--input-type=module", "--eval", program],
          args: ["", "/healthz", "/openapi.json"],
          resources: {
            requests: { cpu: k8s.Quantity.fromString("50m"), memory: k8s.Quantity.fromString("64Mi") },
            limits: { memory: k8s.Quantity.fromString("128Mi") },
          },
        },
      ],
    },
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model, "-test").slice(0, 1),
    merge("metadata.labels", { "app.kubernetes.io/part-of": "kassa", "app.kubernetes.io/component": "test" }),
    add("spec.securityContext", v.podSecurityContext as Expr),
    set("spec.containers[name=test].image", images.app.include),
    set("spec.containers[name=test].imagePullPolicy", v.image.pullPolicy),
    set("spec.containers[name=test].args[0]", text`http://${naming.fullname}:${v.service.port}`),
    add("spec.containers[name=test].securityContext", v.securityContext as Expr),
    onlyIf("", v.tests.enabled as Expr<boolean>),
  ]);
}
