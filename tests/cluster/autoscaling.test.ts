import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { kubectl, kubectlJson, output } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { INGRESS_HOST, INGRESS_URL } from "./kit/ingress.ts";
import { API_KEY, installation, NAMESPACE, untilReady, upgrade } from "./kit/installation.ts";

const SCALE_MS = 150_000;
const LOAD_S = 75;
const RATE_PER_S = 25;

/** What is scaled: its values, its Deployment, and a target of its own metric that the load of this test is well above. */
const scaled = [
  { role: "transactions.roles.api", name: "kassa-transactions-api", target: 1 },
  { role: "transactions.roles.worker", name: "kassa-transactions-worker", target: 5 },
  { role: "fraud.roles.server", name: "kassa-fraud", target: 5 },
] as const;

const quickDown =
  '{"scaleDown":{"stabilizationWindowSeconds":10,"policies":[{"type":"Pods","value":5,"periodSeconds":5}]}}';

describe("autoscaling", () => {
  before(installation);
  after(async () => {
    await upgrade();
    await untilReady();
  });

  it("with keda each service scales up on its own metric, the CPU trigger off, and comes back", async (t) => {
    await upgrade(
      scaled.flatMap(({ role, target }) => [
        `${role}.autoscaling.enabled=true`,
        `${role}.autoscaling.minReplicas=1`,
        `${role}.autoscaling.maxReplicas=2`,
        `${role}.autoscaling.cpu.enabled=false`,
        `${role}.autoscaling.memory.enabled=false`,
        `${role}.autoscaling.metric.target=${target}`,
      ]),
      ["transactions", "fraud"]
        .flatMap((chart) => [
          "--set",
          `${chart}.autoscaling.provider=keda,${chart}.autoscaling.prometheusUrl=http://kassa-backing-prometheus.${NAMESPACE}:9090`,
        ])
        .concat(scaled.flatMap(({ role }) => ["--set-json", `${role}.autoscaling.behavior=${quickDown}`])),
    );
    await untilReplicas(1, "-keda");
    const load = k6(LOAD_S);
    for (const { name } of scaled) await atReplicas(`${name}-keda`, 2);
    for (const { name } of scaled) {
      const { status } = await kubectlJson("get", "hpa", `${name}-keda`, "--namespace", NAMESPACE);
      const types = status.currentMetrics.map(({ type }: { type: string }) => type);
      assert.deepEqual(types, ["External"], `${name} is scaled on its own metric alone`);
      assert.match(status.currentMetrics[0].external.metric.name, /prometheus/);
      const { status: object } = await kubectlJson("get", "scaledobject", name, "--namespace", NAMESPACE);
      t.diagnostic(
        `${name}: ${object.externalMetricNames} at ${JSON.stringify(status.currentMetrics[0].external.current)}`,
      );
    }
    assert.equal((await load).code, 0, "k6 found every answer as it must be");
    await untilReplicas(1, "-keda");
  });

  it("with hpa they scale on the application's CPU, and a sidecar that burns CPU changes nothing", async () => {
    await upgrade(
      scaled.flatMap(({ role }) => [
        `${role}.autoscaling.enabled=true`,
        `${role}.autoscaling.minReplicas=1`,
        `${role}.autoscaling.maxReplicas=2`,
        `${role}.autoscaling.memory.enabled=false`,
        `${role}.autoscaling.cpu.utilization=80`,
        // The load takes twice the api's target; the others have room.
        `${role}.resources.requests.cpu=${role.endsWith("api") ? "50m" : "200m"}`,
      ]),
      scaled.flatMap(({ role }) => ["--set-json", `${role}.autoscaling.behavior=${quickDown}`]),
    );
    await untilReady();
    await untilReplicas(1);
    await burnInSidecar("kassa-transactions-api", 45);
    const { status } = await kubectlJson("get", "hpa", "kassa-transactions-api", "--namespace", NAMESPACE);
    assert.equal(status.desiredReplicas, 1);
    assert.equal(status.currentMetrics[0].type, "ContainerResource");
    assert.equal(status.currentMetrics[0].containerResource.container, "app");
    const load = k6(LOAD_S);
    await atReplicas("kassa-transactions-api", 2);
    await load;
    await untilReplicas(1);
  });
});

/** The scaler wants so many pods. */
async function atReplicas(name: string, wanted: number): Promise<void> {
  await eventually(
    `${name} wants ${wanted} pods`,
    async () => {
      const { status } = await kubectlJson("get", "hpa", name, "--namespace", NAMESPACE);
      if (status.desiredReplicas === wanted) return true;
      throw new Error(JSON.stringify(status));
    },
    SCALE_MS,
  );
}

async function untilReplicas(wanted: number, suffix = ""): Promise<void> {
  for (const { name } of scaled) await atReplicas(name + suffix, wanted);
}

function k6(seconds: number) {
  const script = fileURLToPath(new URL("../../loadtests/payments.js", import.meta.url));
  const settings = {
    KASSA_URL: INGRESS_URL,
    KASSA_HOST: INGRESS_HOST,
    KASSA_API_KEY: API_KEY,
    RATE: RATE_PER_S,
    DURATION: `${seconds}s`,
    WAIT: 5,
  };
  return output("k6", [
    "run",
    "--quiet",
    ...Object.entries(settings).flatMap(([name, value]) => ["-e", `${name}=${value}`]),
    script,
  ]);
}

/** Keeps a core busy in the agent's container. What it uses is many times the sidecar's request, and none of it the application's. */
async function burnInSidecar(deployment: string, seconds: number): Promise<void> {
  const { spec } = await kubectlJson("get", "deployment", deployment, "--namespace", NAMESPACE);
  const selector = Object.entries(spec.selector.matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  // The last one, once those that are scaled down have gone: an end of theirs would be an end of the script.
  const pod = await eventually(`${deployment} has one pod`, async () => {
    const { items } = await kubectlJson("get", "pods", "--namespace", NAMESPACE, "--selector", selector);
    return items.length === 1 ? items[0] : undefined;
  });
  const script = `end=$(($(date +%s)+${seconds})); while [ $(date +%s) -lt $end ]; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done`;
  await kubectl(
    "exec",
    pod.metadata.name,
    "--container",
    "prometheus-agent",
    "--namespace",
    NAMESPACE,
    "--",
    "sh",
    "-c",
    script,
  );
}
