type Panel = { readonly title: string; readonly unit: string; readonly queries: Readonly<Record<string, string>> };

const panels: readonly Panel[] = [
  {
    title: "Requests",
    unit: "reqps",
    queries: { "{{route}} {{status}}": "sum by (route, status) (rate(kassa_http_request_duration_seconds_count[1m]))" },
  },
  {
    title: "Time to answer",
    unit: "s",
    queries: {
      p50: "histogram_quantile(0.5, sum by (le) (rate(kassa_http_request_duration_seconds_bucket[1m])))",
      p99: "histogram_quantile(0.99, sum by (le) (rate(kassa_http_request_duration_seconds_bucket[1m])))",
    },
  },
  {
    title: "Commands handled",
    unit: "ops",
    queries: { "{{pod}}": "sum by (pod) (rate(kassa_commands_handled_total[1m]))" },
  },
  { title: "Outbox: age of the oldest row", unit: "s", queries: { age: "max(kassa_outbox_oldest_age_seconds)" } },
  {
    title: "Screenings",
    unit: "ops",
    queries: { "{{decision}}": "sum by (decision) (rate(kassa_fraud_screenings_total[1m]))" },
  },
  { title: "Breakers", unit: "none", queries: { "{{breaker}} {{pod}}": "kassa_breaker_state" } },
];

const WIDTH = 12;
const HEIGHT = 8;

/** How payments go, at a glance. */
export const overviewDashboard = {
  uid: "kassa-overview",
  title: "Kassa overview",
  tags: ["kassa"],
  schemaVersion: 39,
  timezone: "browser",
  refresh: "10s",
  time: { from: "now-30m", to: "now" },
  panels: panels.map(({ title, unit, queries }, place) => ({
    id: place + 1,
    type: "timeseries",
    title,
    datasource: { type: "prometheus", uid: "prometheus" },
    gridPos: { x: (place % 2) * WIDTH, y: Math.floor(place / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      expr,
      legendFormat,
    })),
  })),
};
