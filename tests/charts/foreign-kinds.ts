import type { JsonObject } from "@kassa/helm-emitter";

/** Kinds of other projects, whose CRDs a cluster may lack, and the values that make them. */
export const foreignKinds = ["HTTPRoute", "KongConsumer", "KongPlugin", "PodMonitor", "ScaledObject"] as const;

const scaled = { autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 4 } };
const keda = { provider: "keda", prometheusUrl: "http://prometheus.example.test:9090" };
const podMonitor = { podMonitor: { enabled: true, labels: { release: "monitoring" } } };

/** Everything of theirs, with each plugin of Kong. */
export const withForeignKinds: JsonObject = {
  transactions: {
    ...podMonitor,
    sidecars: { prometheus: { enabled: false } },
    autoscaling: keda,
    roles: { api: scaled, worker: scaled },
    ingress: { enabled: true, className: "kong", hosts: ["payments.example.test"], tlsSecret: "payments-tls" },
    gateway: {
      enabled: true,
      parentRefs: [{ name: "gateway", namespace: "gateways" }],
      hostnames: ["payments.example.test"],
      canary: { service: "next-transactions", weight: 10 },
    },
    kong: {
      enabled: true,
      rateLimit: { policy: "redis", redis: { host: "redis.example.test" } },
      cors: { origins: ["https://shop.example.test"] },
      openTelemetry: { endpoint: "http://collector.example.test:4318/v1/traces" },
      jwt: { keys: { "2026-11": "-----BEGIN PUBLIC KEY-----\nMIIBIjAN\n-----END PUBLIC KEY-----\n" } },
    },
  },
  fraud: { ...podMonitor, sidecars: { prometheus: { enabled: false } }, autoscaling: keda, roles: { server: scaled } },
  acquirer: { ...podMonitor, sidecars: { prometheus: { enabled: false } } },
};

const without = { autoscaling: { provider: "hpa" }, podMonitor: { enabled: false } };

/** Nothing of theirs: only what every cluster knows. */
export const withoutForeignKinds: JsonObject = {
  transactions: {
    ...without,
    roles: { api: scaled, worker: scaled },
    ingress: { enabled: true },
    gateway: { enabled: false },
    kong: { enabled: false },
  },
  fraud: { ...without, roles: { server: scaled } },
  acquirer: { podMonitor: { enabled: false } },
};
