import type { Child, Slot } from "./tree.ts";

/** Keys in the order in which people write them; what is not listed follows in its own order. */
const orders = {
  object: [
    "apiVersion",
    "kind",
    "metadata",
    "type",
    "immutable",
    "automountServiceAccountToken",
    "spec",
    "rules",
    "roleRef",
    "subjects",
    "binaryData",
    "data",
    "stringData",
  ],
  metadata: ["name", "generateName", "namespace", "labels", "annotations"],
  container: [
    "name",
    "image",
    "imagePullPolicy",
    "restartPolicy",
    "command",
    "args",
    "workingDir",
    "ports",
    "envFrom",
    "env",
    "lifecycle",
    "startupProbe",
    "livenessProbe",
    "readinessProbe",
    "resources",
    "securityContext",
    "volumeDevices",
    "volumeMounts",
  ],
  podSpec: [
    "imagePullSecrets",
    "serviceAccountName",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "priorityClassName",
    "runtimeClassName",
    "terminationGracePeriodSeconds",
    "restartPolicy",
    "securityContext",
    "initContainers",
    "containers",
    "volumes",
    "nodeSelector",
    "affinity",
    "tolerations",
    "topologySpreadConstraints",
  ],
  spec: [
    "replicas",
    "minReplicas",
    "maxReplicas",
    "scaleTargetRef",
    "revisionHistoryLimit",
    "progressDeadlineSeconds",
    "minReadySeconds",
    "strategy",
    "type",
    "ingressClassName",
    "parentRefs",
    "hostnames",
    "podSelector",
    "policyTypes",
    "selector",
    "tls",
    "rules",
    "ports",
    "template",
  ],
  named: ["name", "kind", "key", "value", "valueFrom"],
} as const;

/** The order for a mapping, told from its keys and the key that it hangs under. */
function orderFor(keys: ReadonlySet<string>, parentKey: string | undefined): readonly string[] {
  if (keys.has("apiVersion") && keys.has("kind")) return orders.object;
  if (parentKey === "metadata") return orders.metadata;
  if (keys.has("containers")) return orders.podSpec;
  if (keys.has("image") && keys.has("name")) return orders.container;
  if (parentKey === "spec") return orders.spec;
  return parentKey === undefined && keys.has("name") ? orders.named : [];
}

/** The children of a mapping in conventional order; what has no key of its own stays at the end. */
export function inConventionalOrder(children: readonly Child[], parentKey: string | undefined): Child[] {
  const keys = new Set(children.flatMap((child) => firstKey(child) ?? []));
  const order = orderFor(keys, parentKey);
  if (order.length === 0) return [...children];
  const rank = (child: Child): number => {
    const key = firstKey(child);
    if (key === undefined) return order.length + 1;
    const place = order.indexOf(key);
    return place === -1 ? order.length : place;
  };
  return [...children].sort((a, b) => rank(a) - rank(b));
}

/** Something that is always there comes first, so that it can stand behind a list item's dash. */
export function withSlotFirst(children: readonly Child[]): Child[] {
  const first = children.find((child): child is Slot => child.kind === "slot");
  if (first === undefined || children[0]?.kind === "slot") return [...children];
  return [first, ...children.filter((child) => child !== first)];
}

function firstKey(child: Child): string | undefined {
  if (child.kind === "slot") return typeof child.key === "string" ? child.key : undefined;
  if (child.kind === "spread") return undefined;
  return child.children.map(firstKey).find((key) => key !== undefined);
}
