export type { Counter, Gauge, Histogram } from "prom-client";
export { counter, gauge, histogram, metricsText, startProcessMetrics } from "./metrics.ts";
