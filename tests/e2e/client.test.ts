import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { KassaClient } from "@kassa/client/kassa-client";
import { KassaError } from "@kassa/client/request";

const cli = fileURLToPath(new URL("../../cli/bin/kassa.js", import.meta.url));
const START_MS = 60_000;

let stop: () => Promise<void>;
let client: KassaClient;

before(async () => {
  const data = mkdtempSync(join(tmpdir(), "kassa-client-"));
  const port = await freePort();
  const env = { ...process.env, KASSA_DATA: data, KASSA_PORT: String(port) };
  const kassa = spawn(process.execPath, [cli, "start"], { env, stdio: ["ignore", "pipe", "inherit"] });
  stop = async () => {
    kassa.kill("SIGTERM");
    if (kassa.exitCode === null) await once(kassa, "exit");
    rmSync(data, { recursive: true, force: true });
  };
  let printed = "";
  const giveUp = AbortSignal.timeout(START_MS);
  while (!/sk_test_\w+/.test(printed)) {
    const [chunk] = await once(kassa.stdout, "data", { signal: giveUp });
    printed += chunk;
  }
  const apiKey = /sk_test_\w+/.exec(printed)?.[0] ?? "";
  client = new KassaClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey });
});

after(() => stop());

test("the generated client takes a payment, refunds it and finds it in the list", async () => {
  const body = { amount: 1999, currency: "EUR", payment_method: "pm_card_visa", metadata: { cart: "c-1" } };
  const payment = await client.createPayment(body, { waitS: 20 });
  assert.equal(payment.status, "completed");
  const refund = await client.createRefund(payment.id, { amount: 500 }, { waitS: 20 });
  assert.equal(refund.status, "succeeded");
  const [first] = (await client.listPayments({ limit: 1 })).data;
  assert.equal(first?.id, payment.id);
  assert.equal(first?.amount_refunded, 500);
});

test("a repeated call with the same key makes one payment", async () => {
  const body = { amount: 5, currency: "EUR", payment_method: "pm_card_visa" };
  const options = { idempotencyKey: "client-once" };
  const both = await Promise.all([client.createPayment(body, options), client.createPayment(body, options)]);
  assert.equal(both[0].id, both[1].id);
});

test("an error is thrown with its problem document", async () => {
  const body = { amount: 5, currency: "XTS", payment_method: "pm_card_visa" };
  await assert.rejects(client.createPayment(body), (error: unknown) => {
    assert.ok(error instanceof KassaError);
    assert.equal(error.problem.code, "unsupported_currency");
    return true;
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
