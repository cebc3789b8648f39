import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { query } from "./kit/backing.ts";
import { kubectl } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { closeIngress } from "./kit/ingress.ts";
import { installation, NAMESPACE, untilReady } from "./kit/installation.ts";
import { loadWhile } from "./kit/load.ts";
import { assertProved } from "./kit/prove.ts";

const AWAY_MS = 30_000;
const RATE_PER_S = 20;
const SERVERS = ["kassa-backing-prometheus", "kassa-backing-jaeger"];

describe("telemetry that is away", () => {
  before(installation);
  after(closeIngress);

  it("changes nothing for payments, and metrics written meanwhile arrive afterwards", async (t) => {
    await untilReady();
    await scale(0);
    const from = Date.now() / 1000;
    const load = await loadWhile(RATE_PER_S, sleep(AWAY_MS));
    const to = Date.now() / 1000;
    await scale(1);
    await untilReady();
    assert.deepEqual(load.failures, [], `${load.failures.length} of ${load.sent} requests failed`);
    const late = `max_over_time(kassa_http_requests_in_flight{role="api"}[${Math.floor(to - from) - 5}s:1s] @ ${to - 2})`;
    const samples = await eventually("samples of the time without Prometheus", async () => {
      const found = await query(late);
      return found.length > 0 && found;
    });
    t.diagnostic(`${load.sent} payments, ${samples.length} series of the time without Prometheus`);
    await assertProved();
  });
});

async function scale(replicas: number): Promise<void> {
  for (const name of SERVERS)
    await kubectl("scale", `statefulset/${name}`, "--namespace", NAMESPACE, `--replicas=${replicas}`);
  if (replicas > 0) return;
  const selector = "app.kubernetes.io/component in (prometheus,jaeger)";
  await kubectl("wait", "--for=delete", "pod", "--selector", selector, "--namespace", NAMESPACE, "--timeout=90s");
}
