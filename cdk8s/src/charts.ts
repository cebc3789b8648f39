import type { Chart } from "@kassa/helm-emitter";
import { serviceChart } from "./service-chart.ts";
import { services } from "./services.ts";

/** Every chart of the product: one for each service. */
export function allCharts(): readonly Chart[] {
  return services.map(serviceChart);
}
