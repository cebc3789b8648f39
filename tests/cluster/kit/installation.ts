import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { apply, helm, kubectl, output } from "./command.ts";

/** Where the tests install Kassa; everything in it is theirs. */
export const NAMESPACE = process.env.KASSA_TEST_NAMESPACE ?? "kassa-test";
/** Tag of the images of Kassa, which have been brought to the cluster. */
export const IMAGE_TAG = process.env.KASSA_IMAGE_TAG ?? "0.1.0";
export const API_KEY = "sk_test_development000000000000000000000";

const charts = fileURLToPath(new URL("../../../charts", import.meta.url));
const SERVICES = ["transactions", "fraud", "acquirer"] as const;
const READY_TIMEOUT = "180s";

let packed: string | undefined;

/** The charts with their dependencies, in a folder of their own so that the checkout stays clean. */
export async function chartFolder(): Promise<string> {
  if (packed !== undefined) return packed;
  const folder = mkdtempSync(join(tmpdir(), "kassa-charts-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  cpSync(charts, folder, { recursive: true });
  rmSync(join(folder, "kassa", "charts"), { recursive: true, force: true });
  rmSync(join(folder, "kassa", "Chart.lock"), { force: true });
  await helm("dependency", "update", join(folder, "kassa"));
  packed = folder;
  return folder;
}

/** Whether there is a cluster to test on. */
export async function hasCluster(): Promise<boolean> {
  const { code } = await output("kubectl", ["version", "--request-timeout=5s"]);
  return code === 0 && existsSync(charts);
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

/** Installs or upgrades both releases, with `values` set on top; what Helm said on standard error. */
export async function install(values: readonly string[] = []): Promise<string> {
  return (await installBacking()) + (await upgrade(values));
}

export async function installBacking(): Promise<string> {
  const folder = join(await chartFolder(), "kassa-backing");
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
  const folder = chart ?? join(await chartFolder(), "kassa");
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
  await Promise.all(
    workloads.map((name) => kubectl("rollout", "status", name, "--namespace", NAMESPACE, "--timeout", READY_TIMEOUT)),
  );
}

let installed: Promise<void> | undefined;

/** Both releases, ready: as an earlier test file left them, or installed now. */
export function installation(): Promise<void> {
  installed ??= (async () => {
    await createNamespace();
    await install();
    await untilReady();
  })();
  return installed;
}
