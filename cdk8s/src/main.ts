/** Writes every chart into charts/: `npm run charts`. */
import { join } from "node:path";
import { writeChart } from "@kassa/helm-emitter";
import { allCharts } from "./charts.ts";

const folder = join(import.meta.dirname, "../../charts");
for (const chart of allCharts()) {
  writeChart(chart, join(folder, chart.name));
  console.log(`charts/${chart.name}`);
}
