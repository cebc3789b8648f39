import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { query, type Span, traces } from "./kit/backing.ts";
import { helm } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { call, closeIngress, payment } from "./kit/ingress.ts";
import { reserveForIngressController } from "./kit/ingress-controller.ts";
import { createNamespace, install, NAMESPACE, removeNamespace, untilReady } from "./kit/installation.ts";
import { assertProved } from "./kit/prove.ts";

const READY_WITHIN_MS = 90_000;
const SERVICES = ["kassa-transactions", "kassa-fraud", "kassa-acquirer"];

describe("a fresh installation", () => {
  let warnings = "";
  let readyMs = 0;

  before(async () => {
    await reserveForIngressController();
    await removeNamespace();
    await createNamespace();
    const startedAtMs = performance.now();
    warnings = await install();
    await untilReady();
    readyMs = performance.now() - startedAtMs;
  });
  after(closeIngress);

  it("has every pod ready in under 90 s", (t) => {
    t.diagnostic(`all pods ready after ${(readyMs / 1000).toFixed(1)} s`);
    assert.ok(readyMs < READY_WITHIN_MS, `${readyMs} ms`);
  });

  it("meets the standard restricted without a warning", () => assert.doesNotMatch(warnings, /PodSecurity|violate/i));

  it("passes helm test", async () => {
    const { stdout } = await helm("test", "kassa", "--namespace", NAMESPACE, "--timeout", "2m");
    assert.match(stdout, /Phase:\s+Succeeded/);
    assert.doesNotMatch(stdout, /Phase:\s+Failed/);
  });

  it("completes a payment that comes through the ingress controller", async () => {
    const { status, json } = await call("POST", "/v1/payments", { body: payment, headers: { prefer: "wait=20" } });
    assert.deepEqual([status, json.status, json.amount_captured], [202, "completed", 1999]);
  });

  it("serves no internal route to the outside", async () => {
    const { status } = await call("GET", "/v1/settlement");
    assert.equal(status, 404);
  });

  it("shows the payment as one trace across the services, each span with its pod", async () => {
    const spans = await eventually("the trace arrives", async () => (await traces("kassa-transactions")).find(isWhole));
    for (const { operation, pod } of spans) assert.match(pod ?? "", /^kassa-/, operation);
  });

  it("writes metrics through the sidecars, labelled with their pod", async () => {
    const samples = await eventually("metrics arrive", async () => {
      const found = await query("kassa_commands_handled_total > 0");
      return found.length > 0 && found;
    });
    for (const { metric } of samples) {
      assert.deepEqual([metric.namespace, metric.service, metric.role], [NAMESPACE, "transactions", "worker"]);
      assert.match(metric.pod ?? "", /^kassa-transactions-worker-/);
    }
  });

  it("proves its books", assertProved);
});

function isWhole(spans: readonly Span[]): boolean {
  const names = new Set(spans.map(({ service }) => service));
  return SERVICES.every((name) => names.has(name)) && spans.some(({ operation }) => operation === "POST /v1/payments");
}
