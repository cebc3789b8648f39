/**
 * What each container uses, by the metrics API of the current kubeconfig, as a table in Markdown: run it beside a load.
 *
 *     node loadtests/footprint.ts --namespace kassa-test --seconds 60
 */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const EVERY_MS = 5_000;
const { values: options } = parseArgs({
  options: { namespace: { type: "string", default: "default" }, seconds: { type: "string", default: "60" } },
});

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

type Usage = { cpuMillicores: number[]; memoryMiB: number[]; pods: Set<string> };
type PodMetrics = {
  metadata: { name: string; labels: Record<string, string> };
  containers: { name: string; usage: { cpu: string; memory: string } }[];
};

const usages = new Map<string, Usage>();
const endsAtMs = Date.now() + Number(options.seconds) * 1000;
while (Date.now() < endsAtMs) {
  for (const pod of read()) note(pod);
  await sleep(EVERY_MS);
}
process.stdout.write(table());

function read(): PodMetrics[] {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${options.namespace}/pods`;
  return JSON.parse(execFileSync("kubectl", ["get", "--raw", path], { encoding: "utf8", timeout: EVERY_MS })).items;
}

function note({ metadata: { name, labels }, containers }: PodMetrics): void {
  const of = [labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"]].filter(Boolean).join(" ");
  for (const { name: container, usage } of containers) {
    const key = `${of} | ${container}`;
    const found = usages.get(key) ?? { cpuMillicores: [], memoryMiB: [], pods: new Set() };
    usages.set(key, found);
    found.pods.add(name);
    found.cpuMillicores.push(quantity(usage.cpu) * 1000);
    found.memoryMiB.push(quantity(usage.memory) / 2 ** 20);
  }
}

/** A quantity of Kubernetes: cores or bytes. */
function quantity(text: string): number {
  const [, number = "", unit = ""] = /^(\d+)(\D*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`no quantity: ${text}`);
  return Number(number) * factor;
}

function table(): string {
  const rows = [...usages]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, { cpuMillicores, memoryMiB, pods }]) => {
      const cpu = cpuMillicores.toSorted((a, b) => a - b);
      const median = cpu[Math.floor(cpu.length / 2)] ?? 0;
      return `| ${key} | ${pods.size} | ${Math.round(median)} | ${Math.round(cpu.at(-1) ?? 0)} | ${Math.round(Math.max(...memoryMiB))} |`;
    });
  return `${["| role | container | pods | CPU, median m | CPU, most m | memory, most MiB |", "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n")}\n`;
}
