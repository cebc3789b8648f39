import Type from "typebox";
import type { Dependency, ServiceDefinition } from "../service-definition.ts";
import { flag, openList, section } from "./kubernetes-types.ts";

type Way = { readonly what: string; readonly port: number };

const ways: Readonly<Record<Dependency, Way>> = {
  postgres: { what: "PostgreSQL", port: 5432 },
  kafka: { what: "Kafka's brokers", port: 9092 },
  redis: { what: "Redis", port: 6379 },
  provider: { what: "payment providers", port: 443 },
};

function egress({ what, port }: Way, fallback: readonly Readonly<Record<string, unknown>>[] = []) {
  return section(`to ${what}`, {
    to: openList("peers of a NetworkPolicy: podSelector, namespaceSelector, ipBlock; empty: nowhere", fallback),
    port: Type.Integer({ default: port, minimum: 1, maximum: 65_535, description: "TCP port" }),
  });
}

const DNS = [
  {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  },
];

/** Deny by default; what is listed is let through. */
export function networkPolicyValues({ dependencies }: ServiceDefinition) {
  const egresses = Object.fromEntries(dependencies.map((name) => [name, egress(ways[name])]));
  return section("deny by default: only what is listed here comes in or goes out", {
    enabled: flag(true, "make the NetworkPolicies"),
    ingressFrom: openList("peers that may call the API beside pods with the client label: the ingress controller"),
    metricsFrom: openList("peers that may scrape metrics"),
    egress: section("where pods may go", {
      dns: section("to the cluster's DNS, TCP and UDP 53", { to: openList("peers", DNS) }),
      otlp: egress({ what: "the gateway collector", port: 4317 }),
      remoteWrite: egress({ what: "the remote that metrics are written to", port: 9090 }),
      ...egresses,
      extra: openList("more egress rules, as in a NetworkPolicy"),
    }),
  });
}
