import { outsideRoutes } from "@kassa/cdk8s/route-groups";
import { services } from "@kassa/cdk8s/services";
import type { JsonObject } from "@kassa/helm-emitter";
import type { ProofCase } from "@kassa/helm-emitter/proof";

const METRICS = ["cpu", "memory", "metric"] as const;

/** Cases that chance does not make, or not in 200 tries. */
export function casesByHand(name: string): ProofCase[] {
  const service = services.find((one) => one.name === name);
  const scaled = service?.roles.filter(({ autoscaling }) => autoscaling) ?? [];
  const roles = (settings: JsonObject): JsonObject =>
    Object.fromEntries(scaled.map((role) => [role.name, { autoscaling: settings }]));
  const keda = { provider: "keda", prometheusUrl: "http://prometheus:9090" };
  const off = { enabled: false };
  return [
    { name: "a release that has the chart's name in its own", releaseName: `my-${name}` },
    ...(service === undefined || outsideRoutes(service).length === 0 ? [] : [limitsWithoutRedis]),
    ...(scaled.length === 0
      ? []
      : METRICS.map((metric) => ({
          name: `KEDA without ${metric}`,
          values: { autoscaling: keda, roles: roles({ [metric]: off }) },
        }))),
    ...scaled.map((role) => ({
      name: `nothing to scale ${role.name} on`,
      values: { roles: { [role.name]: { autoscaling: { cpu: off, memory: off } } } },
      refusal: /there is nothing to scale on/,
    })),
    ...scaled.map((role) => ({
      name: `KEDA without an address of Prometheus, for ${role.name}`,
      values: {
        autoscaling: { provider: "keda" },
        roles: Object.fromEntries(
          scaled.map((one) => [one.name, { autoscaling: { metric: { enabled: one === role } } }]),
        ),
      },
      refusal: /autoscaling\.prometheusUrl is empty/,
    })),
  ];
}

const limitsWithoutRedis: ProofCase = {
  name: "Kong counts in a Redis that nobody named",
  values: { kong: { enabled: true, rateLimit: { policy: "redis" } } },
  refusal: /kong\.rateLimit\.redis\.host is empty/,
};

/** Guards that go one way only in some charts, by a part of their description, and why they may. */
export const oneSidedGuards: readonly {
  readonly guard: string;
  readonly charts: readonly string[];
  readonly reason: string;
}[] = [
  {
    guard: ".spec: if or $.Values.roles.",
    charts: ["transactions", "fraud"],
    reason: "around all metrics of an autoscaler: the chart's checks refuse one without any",
  },
];
