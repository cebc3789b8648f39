import {
  add,
  type Content,
  type Document,
  type Expr,
  kubeObject,
  onlyIf,
  type Ref,
  set,
  spread,
  when,
} from "@kassa/helm-emitter";
import { k8s } from "cdk8s-plus-28";
import type { Construct } from "constructs";
import { clientLabel } from "../pods/client-label.ts";
import { HTTP_PORT, PROBE_PORT } from "../pods/ports.ts";
import type { ServiceModel } from "../service-model.ts";
import { metadataOverlays } from "./metadata-overlays.ts";

type Way = { readonly to: unknown[]; readonly port: number };

/** All that may come to the pods of a service and go from them; the rest is denied. The kubelet's probes are let through by every CNI. */
export function networkPolicy(scope: Construct, model: ServiceModel): Document {
  const { definition, naming, v } = model;
  const base = new k8s.KubeNetworkPolicy(scope, "network-policy", {
    metadata: { name: definition.name },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  });
  return kubeObject(base.toJson(), [
    ...metadataOverlays(model),
    set("spec.podSelector", { matchLabels: naming.selectorLabels.include }),
    add("spec.ingress", ingress(model)),
    add("spec.egress", egress(model)),
    onlyIf("", v.networkPolicy.enabled as Expr<boolean>),
  ]);
}

function ingress({ definition, v }: ServiceModel): Content[] {
  const client = { namespaceSelector: {}, podSelector: { matchLabels: { [clientLabel(definition.name)]: "true" } } };
  return [
    {
      from: [client, spread(v.networkPolicy.ingressFrom as Expr<readonly unknown[]>)],
      ports: [{ port: HTTP_PORT, protocol: "TCP" }],
    },
    when(v.networkPolicy.metricsFrom as Expr, {
      from: v.networkPolicy.metricsFrom,
      ports: [{ port: PROBE_PORT, protocol: "TCP" }],
    }),
  ];
}

function egress({ definition, v }: ServiceModel): Content[] {
  const ways = v.networkPolicy.egress as unknown as Readonly<Record<string, Ref<Way>>>;
  const named = ["otlp", "remoteWrite", ...definition.dependencies];
  return [
    when(v.networkPolicy.egress.dns.to as Expr, {
      to: v.networkPolicy.egress.dns.to,
      ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })),
    }),
    ...definition.peers.map(({ service }) => ({
      to: [
        {
          namespaceSelector: {},
          podSelector: { matchLabels: { "app.kubernetes.io/name": service, "app.kubernetes.io/part-of": "kassa" } },
        },
      ],
      ports: [{ port: HTTP_PORT, protocol: "TCP" }],
    })),
    ...named.map((name) => {
      const way = ways[name] as Ref<Way>;
      return when(way.to as Expr, { to: way.to, ports: [{ port: way.port, protocol: "TCP" }] });
    }),
    spread(v.networkPolicy.egress.extra as Expr<readonly unknown[]>),
  ];
}
