import Type, { type TSchema } from "typebox";

/** Values that are handed to Kubernetes as they are; the API server knows their schemas better than we. */

/** Labels, annotations, node selectors: texts by key. */
export function textMap(description: string, fallback: Readonly<Record<string, string>> = {}) {
  return Type.Record(Type.String(), Type.String(), { description, default: { ...fallback } });
}

/** A mapping of Kubernetes' own, such as an affinity. */
export function openMap(description: string, fallback: Readonly<Record<string, unknown>> = {}) {
  return Type.Record(Type.String(), Type.Unknown(), { description, default: fallback });
}

/** A list of mappings of Kubernetes' own, such as tolerations. */
export function openList(description: string, fallback: readonly Readonly<Record<string, unknown>>[] = []) {
  return Type.Array(Type.Record(Type.String(), Type.Unknown()), { description, default: [...fallback] });
}

export function flag(fallback: boolean, description: string) {
  return Type.Boolean({ default: fallback, description });
}

export function text(fallback: string, description: string) {
  return Type.String({ default: fallback, description });
}

/** Seconds, counts, percents. */
export function whole(fallback: number, minimum: number, maximum: number, description: string) {
  return Type.Integer({ default: fallback, minimum, maximum, description });
}

export function choice<const T extends string>(options: readonly T[], fallback: T, description: string) {
  return Type.Unsafe<T>(Type.Enum([...options], { default: fallback, description }));
}

const QUANTITY = "^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$";

export type Resources = {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
  readonly cpuLimit?: string;
};

function quantity(fallback: string, description: string) {
  return Type.String({ default: fallback, pattern: QUANTITY, description });
}

/** Requests, and limits where they help: a CPU limit throttles bursts that a shared node has room for, so most containers have none. */
export function resources(of: Resources) {
  const memory = quantity(of.memoryLimit, "memory at most; above it the container is killed");
  return Type.Object(
    {
      requests: Type.Object({
        cpu: quantity(of.cpu, "CPU that is set aside"),
        memory: quantity(of.memory, "memory that is set aside"),
      }),
      limits: Type.Object({
        memory,
        cpu: Type.Optional(
          of.cpuLimit === undefined
            ? Type.String({ pattern: QUANTITY, description: "CPU at most; none: whatever the node has left" })
            : quantity(of.cpuLimit, "CPU at most"),
        ),
      }),
    },
    { description: "measured under load; see the table of footprints" },
  );
}

/** A section of values: a mapping whose keys are all known. */
export function section<P extends Record<string, TSchema>>(description: string, properties: P) {
  return Type.Object(properties, { description });
}
