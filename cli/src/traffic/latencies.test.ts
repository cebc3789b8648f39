import assert from "node:assert/strict";
import { test } from "node:test";
import { Latencies } from "./latencies.ts";

test("percentiles are off by 2 % at most, over five orders of magnitude", () => {
  const latencies = new Latencies();
  const durationsMs = Array.from({ length: 10_000 }, (_, at) => 1.0012 ** at);
  for (const ms of durationsMs) latencies.record(ms);
  const { count, p50, p90, p99, p999, max } = latencies.percentiles();
  assert.equal(count, durationsMs.length);
  for (const [found, share] of [
    [p50, 0.5],
    [p90, 0.9],
    [p99, 0.99],
    [p999, 0.999],
  ] as const) {
    const exact = durationsMs[durationsMs.length * share - 1] ?? 0;
    assert.ok(Math.abs(found / exact - 1) < 0.021, `${share}: ${found}, exactly ${exact}`);
  }
  assert.equal(max, Math.round((durationsMs.at(-1) ?? 0) * 10) / 10);
});

test("nothing recorded is all zeros", () => {
  assert.deepEqual(new Latencies().percentiles(), { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
});
