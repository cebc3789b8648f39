import type { Chart } from "./chart.ts";

/** Every file of the chart by its path, without its dependencies. The same chart gives the same bytes. */
export function chartFiles(chart: Chart): ReadonlyMap<string, string> {
  throw new Error(`not yet ${chart.name}`);
}

/** Writes the chart into a folder, which holds nothing else afterwards but `charts/` and Chart.lock. */
export function writeChart(chart: Chart, folder: string): void {
  throw new Error(`not yet ${chart.name} ${folder}`);
}
