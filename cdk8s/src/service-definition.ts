import type { Route } from "@kassa/contracts/route";
import type { TObject } from "typebox";
import type { Resources } from "./values/kubernetes-types.ts";

/** A thing outside the pod that a service calls: it becomes an egress rule of its NetworkPolicy. */
export type Dependency = "postgres" | "kafka" | "redis" | "provider";

/** A role's metric of its own, on which it is scaled. */
export type OwnMetric = {
  /** Its name in the status of a ScaledObject. */
  readonly name: string;
  /** PromQL of the sum over all pods of the role; `%s` stands for the labels that choose them. */
  readonly query: string;
  readonly target: number;
  readonly description: string;
};

export type RoleDefinition = {
  /** The value of ROLES, and the key of its values; of a service without roles `server`. */
  readonly name: string;
  readonly description: string;
  readonly replicas: number;
  /** Without it the number of pods is fixed. */
  readonly autoscaling?: {
    readonly min: number;
    readonly max: number;
    /** No more pods than this can work, e.g. a topic's partitions. */
    readonly mostPods?: number;
    readonly metric: OwnMetric;
  };
  readonly resources: Resources;
  /** Connections to the database that a pod opens beside its pool. */
  readonly connectionsBesidePool?: number;
  /** True when it answers requests: it gets a Service. */
  readonly serves: boolean;
};

/** One line of the table of services: all that its chart is made from. */
export type ServiceDefinition = {
  readonly name: string;
  readonly description: string;
  /** Its whole environment, with what the runtime adds. */
  readonly config: TObject;
  /** The routes it serves; those for the outside world get an ingress. */
  readonly routes: readonly Route[];
  readonly roles: readonly RoleDefinition[];
  /** True when its image has migrations to run before it. */
  readonly hasMigrations: boolean;
  readonly dependencies: readonly Dependency[];
  /** Services of ours that it calls: the variable of the URL, and the chart it belongs to. */
  readonly peers: readonly { readonly variable: string; readonly service: string; readonly path?: string }[];
  /** Variables whose default differs in a cluster. */
  readonly defaults?: Readonly<Record<string, string | number | boolean>>;
};

/** The multi-role services run each role as a Deployment of its own. */
export function isSplit({ roles }: ServiceDefinition): boolean {
  return roles.length > 1 || roles[0]?.name !== "server";
}
