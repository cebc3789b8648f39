import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { counter, gauge, histogram, metricsText, startProcessMetrics } from "./index.ts";

describe("metrics", () => {
  it("finds a metric again by its name", async () => {
    counter("kassa_test_payments_total", "payments", ["status"]).inc({ status: "new" });
    counter("kassa_test_payments_total", "payments", ["status"]).inc({ status: "new" });
    assert.match((await metricsText()).text, /kassa_test_payments_total\{status="new"\} 2/);
  });

  it("refuses a name with another kind or other labels", () => {
    gauge("kassa_test_depth", "depth");
    assert.throws(() => gauge("kassa_test_depth", "depth", ["queue"]), /another kind or other labels/);
    assert.throws(() => histogram("kassa_test_depth", "depth"), /another kind or other labels/);
  });

  it("refuses names without the prefix, and counters without _total", () => {
    assert.throws(() => gauge("depth", "depth"), /no name for a metric/);
    assert.throws(() => counter("kassa_test_things", "things"), /must end in _total/);
  });

  it("asks a gauge's collector at each scrape", async () => {
    let depth = 3;
    gauge("kassa_test_queue_depth", "depth", [], (metric) => metric.set(depth));
    assert.match((await metricsText()).text, /kassa_test_queue_depth 3/);
    depth = 5;
    assert.match((await metricsText()).text, /kassa_test_queue_depth 5/);
  });

  it("adds the metrics of the process once", async () => {
    startProcessMetrics();
    startProcessMetrics();
    assert.equal((await metricsText()).text.match(/^# TYPE process_cpu_seconds_total/gm)?.length, 1);
  });

  it("measures latencies from 1 ms to 30 s", async () => {
    histogram("kassa_test_wait_seconds", "wait").observe(0.0007);
    const { text } = await metricsText();
    assert.match(text, /kassa_test_wait_seconds_bucket\{le="0.001"\} 1/);
    assert.match(text, /kassa_test_wait_seconds_bucket\{le="30"\} 1/);
  });
});
