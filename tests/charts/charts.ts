import { join } from "node:path";
import { allCharts } from "@kassa/cdk8s/charts";
import type { Chart } from "@kassa/helm-emitter";

const root = join(import.meta.dirname, "../..");
export const chartsFolder = join(root, "charts");

/** Every chart, as the model makes it. */
export const charts: readonly Chart[] = allCharts();

export function chartFolder(name: string): string {
  return join(chartsFolder, name);
}

/** @throws Error when the model has no chart of that name */
export function chartNamed(name: string): Chart {
  const chart = charts.find((one) => one.name === name);
  if (chart === undefined) throw new Error(`there is no chart ${name}`);
  return chart;
}
