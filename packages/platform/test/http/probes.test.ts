import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createProbeServer, type ProbeServer } from "@kassa/platform/http";
import { counter } from "@kassa/platform/metrics";

let isStarted = false;
let isReady = false;
let probes: ProbeServer;

before(async () => {
  probes = createProbeServer({
    host: "127.0.0.1",
    port: 0,
    isStarted: () => isStarted,
    isReady: () => isReady,
    checks: () => [
      { name: "postgres", check: async () => {} },
      { name: "bus", check: () => Promise.reject(new Error("no broker answers")) },
    ],
  });
  await probes.start();
});
after(() => probes.close());

async function get(path: string) {
  const answer = await fetch(`http://127.0.0.1:${probes.port}${path}`);
  return { status: answer.status, text: await answer.text(), type: answer.headers.get("content-type") };
}

describe("the probe server", () => {
  it("is alive from the first moment, started and ready when it is said so", async () => {
    assert.deepEqual(
      [(await get("/livez")).status, (await get("/startupz")).status, (await get("/readyz")).status],
      [200, 503, 503],
    );
    isStarted = true;
    isReady = true;
    assert.deepEqual([(await get("/startupz")).status, (await get("/readyz")).status], [200, 200]);
  });

  it("reports checks without making them decide about readiness", async () => {
    isReady = true;
    const { status, text } = await get("/readyz?verbose");
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), { ready: true, checks: { postgres: "ok", bus: "no broker answers" } });
  });

  it("shows metrics in Prometheus' format", async () => {
    counter("kassa_test_probes_total", "probes").inc();
    const { text, type } = await get("/metrics");
    assert.match(type ?? "", /^text\/plain/);
    assert.match(text, /kassa_test_probes_total 1/);
  });

  it("says 404 to any other path", async () => {
    assert.equal((await get("/")).status, 404);
  });
});
