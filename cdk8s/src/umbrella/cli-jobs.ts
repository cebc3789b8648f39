import {
  add,
  type Content,
  type Document,
  defaultTo,
  type Expr,
  each,
  kubeObject,
  merged,
  type NamedTemplate,
  onlyIf,
  printf,
  type Ref,
  release,
  set,
  text,
  when,
  whenSet,
} from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { Naming } from "../naming.ts";
import { clientLabel } from "../pods/client-label.ts";
import type { UmbrellaValues } from "./umbrella-values.ts";

export type UmbrellaModel = {
  readonly v: Ref<UmbrellaValues>;
  readonly naming: Naming;
  readonly image: NamedTemplate<string>;
};

/** Retries of a job that found its database away; the pauses between them double from 10 s. */
const RETRIES = 6;
const DEADLINE_S = 3_600;
const KEPT_S = 86_400;

/** The proof of the books as a CronJob: its job fails when money was lost or doubled, which is what to alert on. */
export function proveJob(scope: Construct, model: UmbrellaModel): Document {
  const { v } = model;
  const base = new k8s.KubeCronJob(scope, "prove", {
    metadata: { name: "prove" },
    spec: {
      schedule: "17 3 * * *",
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: { backoffLimit: 0, activeDeadlineSeconds: DEADLINE_S, ttlSecondsAfterFinished: KEPT_S, template: {} },
      },
    },
  });
  const withAcquirer = v.prove.withAcquirer as Expr<boolean>;
  const args = [
    "main",
    "prove",
    DATABASE_ARGUMENT,
    when(withAcquirer, text`--acquirer-url=http://${release.name}-acquirer:8080`),
  ];
  const token = secretVariable("ACQUIRER_TOKEN", v.cli.acquirerSecret as Ref<SecretKey>, "acquirer");
  return kubeObject(base.toJson(), [
    ...metadata(model, "prove"),
    set("spec.schedule", v.prove.schedule),
    set("spec.jobTemplate.spec.template", podTemplate(model, args, [when(withAcquirer, token)])),
    onlyIf("", v.prove.enabled as Expr<boolean>),
  ]);
}

/** Never runs by itself: `kubectl create job --from` it, and the job's log has the key. */
export function merchantJob(scope: Construct, model: UmbrellaModel): Document {
  const base = new k8s.KubeCronJob(scope, "merchant", {
    metadata: { name: "merchant" },
    spec: {
      schedule: "0 0 1 1 *",
      suspend: true,
      jobTemplate: { spec: { backoffLimit: 0, ttlSecondsAfterFinished: KEPT_S, template: {} } },
    },
  });
  return kubeObject(base.toJson(), [
    ...metadata(model, "merchant"),
    set("spec.jobTemplate.spec.template", podTemplate(model, ["main", "merchant", "Merchant", DATABASE_ARGUMENT], [])),
    onlyIf("", model.v.merchant.enabled as Expr<boolean>),
  ]);
}

/** For development: the merchant of the sandbox, whose key is in the values. Made again it changes nothing. */
export function sandboxMerchantJob(scope: Construct, model: UmbrellaModel): Document {
  const { v } = model;
  const base = new k8s.KubeJob(scope, "sandbox-merchant", {
    metadata: {
      name: "sandbox-merchant",
      annotations: {
        "helm.sh/hook": "post-install,post-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
      },
    },
    spec: { backoffLimit: RETRIES, activeDeadlineSeconds: DEADLINE_S, template: {} },
  });
  const key = { name: "KASSA_API_KEY", value: v.sandboxMerchant.apiKey };
  return kubeObject(base.toJson(), [
    ...metadata(model, "sandbox-merchant").slice(0, 2),
    set("spec.template", podTemplate(model, ["main", "merchant", "Sandbox", DATABASE_ARGUMENT], [key])),
    onlyIf("", v.sandboxMerchant.enabled as Expr<boolean>),
  ]);
}

const DATABASE_ARGUMENT = "--database-url=$(DATABASE_URL)";

type SecretKey = { readonly name: string; readonly key: string };

function secretVariable(name: string, secret: Ref<SecretKey>, chart: string): Content {
  const made = printf(`%s-${chart}`, release.name);
  return { name, valueFrom: { secretKeyRef: { name: defaultTo(secret.name as Expr<string>, made), key: secret.key } } };
}

function metadata({ naming, v }: UmbrellaModel, suffix: string) {
  return [
    set("metadata.name", text`${naming.fullname}-${suffix}`),
    add("metadata.labels", naming.labels.include),
    add("metadata.annotations", merged(v.commonAnnotations as Expr)),
  ];
}

function podTemplate({ v, naming, image }: UmbrellaModel, args: readonly Content[], env: readonly Content[]): Content {
  return {
    metadata: {
      labels: merged(naming.labels.include, { [clientLabel("postgres")]: "true", [clientLabel("acquirer")]: "true" }),
    },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: whenSet(
        v.cli.imagePullSecrets as Expr,
        each(v.cli.imagePullSecrets as unknown as Expr<readonly string[]>, "name", (name) => ({ name })),
      ),
      securityContext: v.cli.podSecurityContext,
      containers: [
        {
          name: "kassa",
          image: image.include,
          imagePullPolicy: v.cli.image.pullPolicy,
          args: [...args],
          env: [secretVariable("DATABASE_URL", v.cli.databaseSecret as Ref<SecretKey>, "transactions"), ...env],
          resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
          securityContext: v.cli.securityContext,
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
    },
  };
}
