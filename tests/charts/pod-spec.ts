import type { KubeObject } from "@kassa/helm-emitter";

/** The parts of a pod that the tests look at. */
export type PodSpec = {
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: SecurityContext;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly restartPolicy?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly startupProbe?: Handler;
  readonly livenessProbe?: Handler;
  readonly readinessProbe?: Handler;
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
};

type Handler = {
  readonly httpGet?: { readonly path: string; readonly port: string | number; readonly host?: string };
  readonly tcpSocket?: { readonly port: string | number; readonly host?: string };
};

export type SecurityContext = {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly procMount?: string;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
  readonly appArmorProfile?: { readonly type: string };
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly windowsOptions?: { readonly hostProcess?: boolean };
  readonly sysctls?: readonly { readonly name: string }[];
};

export type Volume = {
  readonly name: string;
  readonly projected?: {
    readonly sources: readonly {
      readonly secret?: {
        readonly name: string;
        readonly items: readonly { readonly key: string; readonly path: string }[];
      };
    }[];
  };
  readonly [source: string]: unknown;
};

/** A pod, or the template of an object that makes pods. */
export type PodTemplate = {
  /** Kind and name of the object. */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
};

type Template = {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
};

/** Where each kind keeps its pod. */
const templateOf: Readonly<Record<string, (object: KubeObject) => unknown>> = {
  Pod: (object) => object,
  Deployment: ({ spec }) => (spec as { template: unknown }).template,
  StatefulSet: ({ spec }) => (spec as { template: unknown }).template,
  Job: ({ spec }) => (spec as { template: unknown }).template,
  CronJob: ({ spec }) => (spec as { jobTemplate: { spec: { template: unknown } } }).jobTemplate.spec.template,
};

/** Every pod that the objects make. @throws Error for a kind that makes pods in a way nobody has thought of */
export function podTemplates(objects: readonly KubeObject[]): PodTemplate[] {
  return objects.flatMap((object) => {
    const { kind, metadata } = object;
    const owner = `${kind} ${metadata.name}`;
    const template = templateOf[kind]?.(object) as Template | undefined;
    if (template === undefined) {
      if (JSON.stringify(object).includes('"containers":')) throw new Error(`${owner} makes pods`);
      return [];
    }
    const { labels = {}, annotations = {} } = template.metadata ?? {};
    return [{ owner, labels, annotations, spec: template.spec }];
  });
}

/** All containers of a pod, whenever they run. */
export function containersOf({ initContainers = [], containers, ephemeralContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers, ...ephemeralContainers];
}
