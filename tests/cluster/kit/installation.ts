import { join } from "node:path";
import { ChartsCopy } from "../../charts/helm-command.ts";
import { apply, helm, kubectl, output } from "./command.ts";
import { reserveForIngressController } from "./ingress-controller.ts";

/** Where the tests install Kassa; everything in it is theirs. */
export const NAMESPACE = process.env.KASSA_TEST_NAMESPACE ?? "kassa-test";
/** Tag of the images of Kassa, which have been brought to the cluster. */
export const IMAGE_TAG = process.env.KASSA_IMAGE_TAG ?? "0.1.0";
export const API_KEY = "sk_test_development000000000000000000000";

const SERVICES = ["transactions", "fraud", "acquirer"] as const;
const READY_TIMEOUT = "180s";

let copied: Promise<ChartsCopy> | undefined;

/** A chart's folder, with its dependencies, in a copy so that the checkout stays clean. */
export async function chartFolder(chart: "kassa" | "kassa-backing"): Promise<string> {
  copied ??= copyCharts();
  return (await copied).chart(chart);
}

async function copyCharts(): Promise<ChartsCopy> {
  const copy = await ChartsCopy.make();
  process.once("exit", () => copy[Symbol.dispose]());
  return copy;
}

/** Whether there is a cluster to test on. */
export async function hasCluster(): Promise<boolean> {
  const { code } = await output("kubectl", ["version", "--request-timeout=5s"]);
  return code === 0;
}

/** Removes whatever an earlier run has left. */
export async function removeNamespace(): Promise<void> {
  await output("helm", ["uninstall", "kassa", "--namespace", NAMESPACE, "--wait"]);
  await output("helm", ["uninstall", "kassa-backing", "--namespace", NAMESPACE, "--wait"]);
  await output("kubectl", ["delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait", "--timeout=120s"]);
}

/** A namespace that enforces the Pod Security standard `restricted` and warns of it. */
export async function createNamespace(name = NAMESPACE): Promise<void> {
  const levels = ["enforce", "warn", "audit"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]);
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: Object.fromEntries(levels) } });
}

/** Installs or upgrades both releases; what Helm said on standard error. */
export async function install(): Promise<string> {
  return (await installBacking()) + (await upgrade());
}

export async function installBacking(): Promise<string> {
  const folder = await chartFolder("kassa-backing");
  const policies = `networkPolicy.extraFrom=${JSON.stringify([{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "keda" } } }])}`;
  const settings = ["--set", "grafana.enabled=false", "--set-json", policies];
  return (await helm("upgrade", "--install", "kassa-backing", folder, "--namespace", NAMESPACE, ...settings)).stderr;
}

/** Helm values that every test wants, as arguments. */
export async function upgrade(
  values: readonly string[] = [],
  more: readonly string[] = [],
  chart?: string,
): Promise<string> {
  const folder = chart ?? (await chartFolder("kassa"));
  const tags = [...SERVICES, "cli"].flatMap((name) => ["--set-string", `${name}.image.tag=${IMAGE_TAG}`]);
  const set = values.flatMap((value) => ["--set", value]);
  const file = join(folder, "values-test.yaml");
  const args = ["upgrade", "--install", "kassa", folder, "--namespace", NAMESPACE, "--values", file];
  return (await helm(...args, ...tags, ...set, ...more)).stderr;
}

/** Resolves when every pod of the namespace is ready and every Deployment has what it wants. */
export async function untilReady(): Promise<void> {
  const workloads = (await kubectl("get", "deployments,statefulsets", "--namespace", NAMESPACE, "--output", "name"))
    .trim()
    .split("\n");
  await Promise.all(workloads.map(untilRolledOut));
}

/** Resolves when a workload, as `deployment/kassa-fraud`, has what it wants, at most three minutes. */
export async function untilRolledOut(workload: string): Promise<void> {
  await kubectl("rollout", "status", workload, "--namespace", NAMESPACE, "--timeout", READY_TIMEOUT);
}

let installed: Promise<void> | undefined;

/** Both releases, ready: as an earlier test file left them, or installed now. */
export function installation(): Promise<void> {
  installed ??= (async () => {
    await reserveForIngressController();
    await createNamespace();
    await install();
    await untilReady();
  })();
  return installed;
}
