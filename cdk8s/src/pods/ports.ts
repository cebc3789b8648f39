/** Of the API. */
export const HTTP_PORT = 8080;
/** Of probes and metrics. */
export const PROBE_PORT = 9090;
/** Of the collector, on localhost. */
export const OTLP_PORT = 4317;
export const COLLECTOR_HEALTH_PORT = 13_133;
export const COLLECTOR_METRICS_PORT = 8888;
/** Of the Prometheus agent. */
export const AGENT_PORT = 9095;
