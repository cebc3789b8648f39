import { type Chart, type JsonObject, synthesize } from "@kassa/helm-emitter";
import { environments } from "../environments/environments.ts";
import { type Footprint, footprints, NOTHING, type Resources, sumOf, times } from "./footprint.ts";

/** The environments of the table; the cluster tests' is made small on purpose. */
const SHOWN = ["dev", "stage", "prod"] as const;

/** Markdown: what each environment sets aside with its values, computed from the objects that they make. */
export function footprintTable(chart: Chart): string {
  return [
    "Computed from the values, with the sidecars; without the jobs and what is outside the release. A request is set aside on a node, the memory limit is what a pod may use at most. No CPU limit: bursts take what the node has left.",
    "",
    "| Environment | Deployment | Pods | Requests of a pod | Memory limit of a pod | Requests at the fewest pods | Requests at the most pods |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...SHOWN.flatMap((name) => environmentRows(name, footprints(objectsOf(chart, name)))),
  ].join("\n");
}

function objectsOf(chart: Chart, environment: (typeof SHOWN)[number]) {
  const values = JSON.parse(JSON.stringify(environments[environment])) as JsonObject;
  return synthesize(chart, { values, releaseName: "kassa", namespace: "kassa" });
}

function environmentRows(environment: string, deployments: readonly Footprint[]): string[] {
  const rows = deployments.map((one) => [
    environment,
    one.name,
    range(one.fewest, one.most),
    requests(one.pod),
    memory(one.pod.memoryLimit),
    requests(times(one.fewest, one.pod)),
    requests(times(one.most, one.pod)),
  ]);
  const sum = (pods: (one: Footprint) => number) =>
    deployments.map((one) => times(pods(one), one.pod)).reduce(sumOf, NOTHING);
  const [fewest, most] = [sum((one) => one.fewest), sum((one) => one.most)];
  const total = [environment, "all", "", "", "", requests(fewest), requests(most)].map((cell) => cell && `**${cell}**`);
  return [...rows, total].map((cells) => `| ${cells.join(" | ")} |`);
}

function range(fewest: number, most: number): string {
  return fewest === most ? String(fewest) : `${fewest} to ${most}`;
}

function requests({ cpu, memory: mebibytes }: Resources): string {
  return `${(cpu / 1000).toFixed(2)} CPU, ${memory(mebibytes)}`;
}

const MIB_IN_GIB = 1024;

function memory(mebibytes: number): string {
  return mebibytes < MIB_IN_GIB ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / MIB_IN_GIB).toFixed(1)} GiB`;
}
