/** Traffic of the cluster's own networks: narrow it to the subnets of the databases and brokers. */
const PRIVATE = [{ ipBlock: { cidr: "10.0.0.0/8" } }];

const egress = {
  otlp: { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "observability" } } }] },
};

const sidecars = {
  otel: { enabled: true, endpoint: "otel-gateway.observability:4317" },
  prometheus: { enabled: true, remoteWriteUrl: "http://prometheus.observability:9090/api/v1/write" },
};

const remoteWrite = {
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "observability" } } }],
};

/** The sandbox provider is no part of production: its URL is the provider's. */
export const production = {
  transactions: {
    config: {
      KAFKA_BROKERS: "kafka.example.internal:9092",
      ACQUIRER_URL: "https://acquirer.example.internal",
      OTEL_TRACES_SAMPLER_ARG: 0.05,
      HTTP_TRUSTED_PROXIES: 1,
    },
    secrets: { existingSecret: "kassa-transactions" },
    migrations: { runtimeRole: "transactions" },
    database: { maxConnections: 500, reservedConnections: 30 },
    sidecars,
    networkPolicy: {
      ingressFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kong" } } }],
      egress: {
        ...egress,
        remoteWrite,
        postgres: { to: PRIVATE },
        kafka: { to: PRIVATE },
        provider: { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] },
      },
    },
    ingress: { enabled: true, hosts: ["payments.example.com"], tlsSecret: "payments-tls" },
    kong: { enabled: true },
    roles: {
      api: { topologySpread: { required: true } },
      worker: { topologySpread: { required: true } },
      relay: { replicas: 2 },
    },
  },
  fraud: {
    secrets: { existingSecret: "kassa-fraud" },
    sidecars,
    networkPolicy: { egress: { ...egress, remoteWrite } },
    roles: { server: { topologySpread: { required: true } } },
  },
  acquirer: { enabled: false },
} as const;
