import {
  add,
  and,
  append,
  type Content,
  type Document,
  type Expr,
  kubeObject,
  merged,
  type NamedTemplate,
  not,
  onlyIf,
  type Ref,
  set,
  spread,
  text,
  when,
} from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import type { Naming } from "../naming.ts";
import { clientLabel } from "../pods/client-label.ts";
import type { BackingValues } from "./backing-values.ts";

export type BackingModel = { readonly v: Ref<BackingValues>; readonly naming: Naming };

type Persistence = { readonly enabled: boolean; readonly size: string; readonly storageClass: string };

/** One server of the chart: a StatefulSet of one pod, a Service, and a policy about who may come. */
export type Server = {
  readonly name: string;
  readonly enabled: Expr<boolean>;
  readonly image: NamedTemplate<string>;
  readonly pullPolicy: Expr<string>;
  readonly resources: Expr;
  /** Numeric user of the image, who also owns the volume. */
  readonly user: number;
  readonly command?: readonly Content[];
  readonly args?: readonly Content[];
  readonly env?: readonly Content[];
  readonly ports: Readonly<Record<string, number>>;
  readonly readiness: Content;
  /** Folders that are written beside the data. */
  readonly scratch: Readonly<Record<string, string>>;
  readonly data?: { readonly path: string; readonly persistence?: Ref<Persistence> };
  /** Volumes and their mounts. */
  readonly files?: readonly {
    readonly name: string;
    readonly path: string;
    readonly source: Readonly<Record<string, Content>>;
  }[];
  /** Templates whose change restarts the pod. */
  readonly checksums?: Readonly<Record<string, Content>>;
};

/** StatefulSet, Service and NetworkPolicy of a server. */
export function serverObjects(scope: Construct, model: BackingModel, server: Server): Document[] {
  return [statefulSet(scope, model, server), serverService(scope, model, server), serverPolicy(scope, model, server)];
}

function nameOf({ naming }: BackingModel, { name }: Server) {
  return [
    set("metadata.name", text`${naming.fullname}-${name}`),
    add("metadata.labels", merged(naming.labels.include, { "app.kubernetes.io/component": name })),
  ];
}

function selectorOf({ naming }: BackingModel, { name }: Server): Content {
  return merged(naming.selectorLabels.include, { "app.kubernetes.io/component": name });
}

function statefulSet(scope: Construct, model: BackingModel, server: Server): Document {
  const { name, data, enabled } = server;
  const base = new k8s.KubeStatefulSet(scope, `${name}-stateful-set`, {
    metadata: { name },
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: { "app.kubernetes.io/component": name } },
      template: {},
    },
  });
  const { persistence } = data ?? {};
  const claim = persistence && {
    metadata: { name: "data" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: when(persistence.storageClass as Expr, persistence.storageClass),
      resources: { requests: { storage: persistence.size } },
    },
  };
  return kubeObject(base.toJson(), [
    ...nameOf(model, server),
    set("spec.serviceName", text`${model.naming.fullname}-${name}`),
    set("spec.selector.matchLabels", selectorOf(model, server)),
    set("spec.template", podTemplate(model, server)),
    ...(persistence === undefined || claim === undefined
      ? []
      : [
          add("spec.volumeClaimTemplates", [claim]),
          onlyIf("spec.volumeClaimTemplates", persistence.enabled as Expr<boolean>),
        ]),
    onlyIf("", enabled),
  ]);
}

function podTemplate(model: BackingModel, server: Server): Content {
  const { user, scratch, data, files = [], checksums } = server;
  const isEphemeral = data === undefined ? [] : [dataVolume(data)];
  return {
    metadata: {
      labels: merged(model.naming.labels.include, { "app.kubernetes.io/component": server.name }),
      annotations: checksums,
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 30,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [container(model, server)],
      volumes: [
        ...Object.keys(scratch).map((volume) => ({ name: volume, emptyDir: { sizeLimit: "256Mi" } })),
        ...isEphemeral,
        ...files.map(({ name, source }) => ({ name, ...source })),
      ],
    },
  };
}

function dataVolume({ persistence }: NonNullable<Server["data"]>): Content {
  const volume = { name: "data", emptyDir: { sizeLimit: "2Gi" } };
  return persistence === undefined ? volume : when(not(persistence.enabled as Expr<boolean>), volume);
}

function container({ v }: BackingModel, server: Server): Content {
  const {
    name,
    image,
    pullPolicy,
    resources,
    command,
    args,
    env,
    ports,
    readiness,
    scratch,
    data,
    files = [],
  } = server;
  return {
    name,
    image: image.include,
    imagePullPolicy: pullPolicy,
    command: command === undefined ? undefined : [...command],
    args: args === undefined ? undefined : [...args],
    env: env === undefined ? undefined : [...env],
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    readinessProbe: readiness,
    resources,
    securityContext: v.securityContext,
    volumeMounts: [
      ...Object.entries(scratch).map(([volume, mountPath]) => ({ name: volume, mountPath })),
      ...(data === undefined ? [] : [{ name: "data", mountPath: data.path }]),
      ...files.map((file) => ({ name: file.name, mountPath: file.path, readOnly: true })),
    ],
  };
}

function serverService(scope: Construct, model: BackingModel, server: Server): Document {
  const { name, ports, enabled } = server;
  const base = new k8s.KubeService(scope, `${name}-service`, {
    metadata: { name },
    spec: {
      ports: Object.entries(ports).map(([port, number]) => ({
        name: port,
        port: number,
        targetPort: k8s.IntOrString.fromString(port),
      })),
    },
  });
  return kubeObject(base.toJson(), [
    ...nameOf(model, server),
    add("spec.selector", selectorOf(model, server)),
    onlyIf("", enabled),
  ]);
}

function serverPolicy(scope: Construct, model: BackingModel, server: Server): Document {
  const { name, ports, enabled } = server;
  const base = new k8s.KubeNetworkPolicy(scope, `${name}-network-policy`, {
    metadata: { name },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: {}, podSelector: { matchLabels: { [clientLabel(name)]: "true" } } }],
          ports: Object.values(ports).map((port) => ({ port: k8s.IntOrString.fromNumber(port), protocol: "TCP" })),
        },
      ],
    },
  });
  return kubeObject(base.toJson(), [
    ...nameOf(model, server),
    set("spec.podSelector", { matchLabels: selectorOf(model, server) }),
    append("spec.ingress[0].from", spread(model.v.networkPolicy.extraFrom as Expr<readonly unknown[]>)),
    onlyIf("", and(model.v.networkPolicy.enabled as Expr<boolean>, enabled)),
  ]);
}
