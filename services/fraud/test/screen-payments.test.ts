import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ManualClock } from "@kassa/kernel/clock";
import { createLogger } from "@kassa/platform/log";
import { type RunningService, startService } from "@kassa/platform/runtime";
import { fraudService } from "../src/service.ts";

const TOKEN = "test-internal-token";
const payment = { payment_id: "pay_1", merchant_id: "mer_1", amount: 1999, currency: "EUR", token: "pm_card_visa" };

async function start(more: Record<string, string> = {}, clock?: { now(): number } | ManualClock) {
  const port = await freePort();
  const env = { HTTP_HOST: "127.0.0.1", HTTP_PORT: String(port), INTERNAL_TOKEN: TOKEN, ...more };
  const log = createLogger({ service: "fraud", level: "silent" });
  const running: RunningService = startService(fraudService, { env, log, ...(clock === undefined ? {} : { clock }) });
  await running.ready;
  const post = async (body: unknown, token = TOKEN) => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/screenings/batch`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer holds
    return { status: response.status, body: (await response.json()) as any };
  };
  return { post, stop: () => running.stop() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("POST /v1/screenings/batch", () => {
  let fraud: Awaited<ReturnType<typeof start>>;
  before(async () => {
    fraud = await start();
  });
  after(() => fraud.stop());

  it("200: one decision a payment, in their order", async () => {
    const payments = [payment, { ...payment, token: "pm_card_fraudulent" }, { ...payment, country: "KP" }];
    const { status, body } = await fraud.post({ payments });
    assert.equal(status, 200);
    assert.deepEqual(
      body.screenings.map(({ decision, reasons }: { decision: string; reasons: string[] }) => [decision, ...reasons]),
      [["allow"], ["deny", "blocked_token"], ["deny", "embargoed_country"]],
    );
  });

  it("200: 1,000 payments at once", async () => {
    const { status, body } = await fraud.post({ payments: Array.from({ length: 1000 }, () => payment) });
    assert.deepEqual([status, body.screenings.length], [200, 1000]);
  });

  it("400: none, too many, a member nobody knows", async () => {
    for (const payments of [
      [],
      Array.from({ length: 1001 }, () => payment),
      [{ ...payment, number: "4242424242424242" }],
    ]) {
      assert.equal((await fraud.post({ payments })).status, 400);
    }
  });

  it("401: without the bearer token", async () => {
    assert.equal((await fraud.post({ payments: [payment] }, "another-token-of-16")).status, 401);
  });

  it("503: a batch beyond its budget, so that its caller decides", async () => {
    let nowMs = 0;
    const slow = await start({}, { now: () => (nowMs += 40) });
    const { status, body } = await slow.post({ payments: Array.from({ length: 200 }, () => payment) });
    await slow.stop();
    assert.deepEqual([status, body.code], [503, "unavailable"]);
  });
});

it("the service does not start with rules that are not valid, and says where they are wrong", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "kassa-rules-")), "rules.yaml");
  writeFileSync(file, "rules:\n  - name: x\n    decision: perhaps\n    when: { token: [a] }\n");
  await assert.rejects(
    start({ RULES_FILE: file }),
    /rules\.yaml:3: rules\.0\.decision must be one of allow, review, deny/,
  );
});
