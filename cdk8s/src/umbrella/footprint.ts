import type { KubeObject } from "@kassa/helm-emitter";
import { mebibytes, millicores } from "./quantities.ts";

/** What a pod, or many, set aside and may use: CPU in millicores, memory in MiB. */
export type Resources = { readonly cpu: number; readonly memory: number; readonly memoryLimit: number };

/** One Deployment: how many pods it has, from a quiet hour to the busiest, and what one of them takes. */
export type Footprint = {
  readonly name: string;
  readonly fewest: number;
  readonly most: number;
  readonly pod: Resources;
};

type Container = {
  readonly restartPolicy?: string;
  readonly resources?: {
    readonly requests?: { readonly cpu?: string; readonly memory?: string };
    readonly limits?: { readonly memory?: string };
  };
};
type Deployment = {
  readonly replicas?: number;
  readonly template: {
    readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
  };
};
type Scaler = {
  readonly scaleTargetRef: { readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
};

/** The Deployments among objects, in their order, each with its bounds by a HorizontalPodAutoscaler or a ScaledObject. */
export function footprints(objects: readonly KubeObject[]): Footprint[] {
  const scalers = objects
    .filter(({ kind }) => kind === "HorizontalPodAutoscaler" || kind === "ScaledObject")
    .map(({ spec }) => spec as Scaler);
  return objects
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata: { name }, spec }) => {
      const { replicas = 1, template } = spec as Deployment;
      const scaler = scalers.find(({ scaleTargetRef }) => scaleTargetRef.name === name);
      return {
        name,
        fewest: scaler?.minReplicas ?? scaler?.minReplicaCount ?? replicas,
        most: scaler?.maxReplicas ?? scaler?.maxReplicaCount ?? replicas,
        pod: podResources(template.spec),
      };
    });
}

/** As the scheduler counts: native sidecars run beside the application; what runs before it needs room for itself alone. */
function podResources({ containers, initContainers = [] }: Deployment["template"]["spec"]): Resources {
  const isSidecar = ({ restartPolicy }: Container) => restartPolicy === "Always";
  const together = [...containers, ...initContainers.filter(isSidecar)].map(resourcesOf).reduce(sumOf, NOTHING);
  return initContainers
    .filter((one) => !isSidecar(one))
    .map(resourcesOf)
    .reduce(largerOf, together);
}

function resourcesOf({ resources: { requests = {}, limits = {} } = {} }: Container): Resources {
  return {
    cpu: millicores(requests.cpu ?? "0"),
    memory: mebibytes(requests.memory ?? "0"),
    memoryLimit: mebibytes(limits.memory ?? "0"),
  };
}

export const NOTHING: Resources = { cpu: 0, memory: 0, memoryLimit: 0 };

export function sumOf(a: Resources, b: Resources): Resources {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory, memoryLimit: a.memoryLimit + b.memoryLimit };
}

function largerOf(a: Resources, b: Resources): Resources {
  return {
    cpu: Math.max(a.cpu, b.cpu),
    memory: Math.max(a.memory, b.memory),
    memoryLimit: Math.max(a.memoryLimit, b.memoryLimit),
  };
}

export function times(count: number, { cpu, memory, memoryLimit }: Resources): Resources {
  return { cpu: count * cpu, memory: count * memory, memoryLimit: count * memoryLimit };
}
