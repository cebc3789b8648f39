import { besideBacking, SANDBOX_API_KEY } from "./development.ts";

/** Little is set aside, so that everything fits on a node of two cores; two pods of each, so that one may go. */
const small = { requests: { cpu: "20m", memory: "96Mi" }, limits: { memory: "320Mi" } };
const sidecar = { requests: { cpu: "5m", memory: "32Mi" }, limits: { memory: "192Mi" } };

function smallSidecars<S extends { readonly otel: object; readonly prometheus: object }>({ otel, prometheus }: S) {
  return {
    otel: { ...otel, resources: sidecar },
    prometheus: { ...prometheus, scrapeIntervalSeconds: 2, resources: sidecar },
  };
}

const { transactions, fraud, acquirer } = besideBacking;
const twoPods = { replicas: 2, resources: small, autoscaling: { enabled: false } };
const twoPodsFixed = { replicas: 2, resources: small };

const fromIngress = {
  ingressFrom: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "projectcontour" } } }],
};

export const testing = {
  transactions: {
    ...transactions,
    // Envoy keeps idle connections for an hour: whoever closes one first may meet a request on its way.
    config: { ...transactions.config, HTTP_KEEP_ALIVE_MS: 600_000 },
    sidecars: smallSidecars(transactions.sidecars),
    networkPolicy: { ...transactions.networkPolicy, ...fromIngress },
    roles: { api: twoPods, worker: twoPods, relay: twoPodsFixed },
    ingress: { enabled: true, className: "contour", hosts: ["kassa.example.test"] },
  },
  fraud: { ...fraud, sidecars: smallSidecars(fraud.sidecars), roles: { server: twoPods } },
  acquirer: {
    ...acquirer,
    sidecars: smallSidecars(acquirer.sidecars),
    roles: { server: { ...twoPodsFixed, replicas: 1 } },
  },
  prove: { withAcquirer: true },
  sandboxMerchant: { enabled: true, apiKey: SANDBOX_API_KEY },
} as const;
