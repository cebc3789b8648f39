import type { Chart } from "@kassa/helm-emitter";
import { backingChart } from "./backing/backing-chart.ts";
import { serviceChart } from "./service-chart.ts";
import { services } from "./services.ts";
import { umbrellaChart } from "./umbrella/umbrella-chart.ts";

/** Every chart: one for each service, the umbrella over them, and what they need for development. */
export function allCharts(): readonly Chart[] {
  const serviceCharts = services.map(serviceChart);
  return [...serviceCharts, umbrellaChart(serviceCharts), backingChart()];
}
