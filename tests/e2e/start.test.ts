import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { identifyProcess } from "@kassa/platform/embedded-postgres";
import { type Ended, type Kassa, Workbench } from "./start-workbench.ts";

type Payment = { readonly id: string; readonly status: string };

let bench: Workbench;
let kassa: Kassa;
let apiKey: string;
let first: Payment;

before(async () => {
  bench = await Workbench.open();
  kassa = await bench.start();
  apiKey = kassa.apiKey;
});

after(() => bench.close());

test("on a fresh folder kassa start prints its address and a key, and the printed curl line takes a payment", async () => {
  assert.match(kassa.printed, new RegExp(bench.url));
  assert.match(apiKey, /^sk_test_[0-9A-Za-z]{24,}$/);
  assert.equal((await fetch(`${bench.url}/healthz`)).status, 200);
  const { status, stdout } = spawnSync("sh", ["-c", kassa.curlLine], { encoding: "utf8" });
  assert.equal(status, 0);
  first = JSON.parse(stdout) as Payment;
  assert.equal(first.status, "completed");
});

test("nobody but the owner can read the keys", () => {
  assert.equal(statSync(join(bench.data, "secrets.json")).mode & 0o077, 0);
});

test("a second start on the same folder is refused in one sentence that names the first", () => {
  const ended = bench.run(["start"], { KASSA_PORT: String(bench.port + 1) });
  refusedInOneSentence(ended, new RegExp(`already runs on the data folder .*: process ${kassa.pid}, ${bench.url}\\.`));
});

test("the acquirer, killed, comes back and takes payments", async () => {
  process.kill(bench.acquirerPid(), "SIGKILL");
  await kassa.untilPrinted(/acquirer has ended \(SIGKILL\)/);
  assert.equal((await pay()).status, "completed");
});

test("PostgreSQL, killed, comes back and takes payments", async () => {
  process.kill(bench.postmasterPid(), "SIGKILL");
  await kassa.untilPrinted(/PostgreSQL runs again/);
  assert.equal((await pay()).status, "completed");
});

test("SIGTERM stops everything in order with exit code 0; the next start has the same key and the payment", async () => {
  const [acquirer, postmaster] = [bench.acquirerPid(), bench.postmasterPid()];
  assert.equal(await kassa.end("SIGTERM"), 0);
  assert.deepEqual([identifyProcess(acquirer), identifyProcess(postmaster)], [undefined, undefined]);
  assert.equal(existsSync(join(bench.data, "running.json")), false);
  kassa = await bench.start();
  assert.equal(kassa.apiKey, apiKey);
  assert.equal((await fetchPayment(first.id)).status, "completed");
});

test("after a SIGKILL the next start takes over what was left behind, and nothing is lost", async () => {
  const acquirer = bench.acquirerPid();
  const payment = await pay();
  await kassa.end("SIGKILL");
  kassa = await bench.start();
  assert.equal(identifyProcess(acquirer), undefined);
  assert.equal((await fetchPayment(payment.id)).status, "completed");
  assert.equal((await pay()).status, "completed");
});

test("a busy port is refused in one sentence that says what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const data = join(bench.data, "other");
  try {
    const ended = bench.run(["start"], { KASSA_DATA: data, KASSA_PORT: String(port) });
    refusedInOneSentence(ended, new RegExp(`Port ${port} .* is taken .*KASSA_PORT=`));
    assert.equal(existsSync(join(data, "postgres")), false, "nothing was started");
  } finally {
    other.close();
  }
});

test("a folder that cannot be written is refused in one sentence that says what to do", () => {
  const closed = mkdtempSync(join(tmpdir(), "kassa-closed-"));
  chmodSync(closed, 0o555);
  try {
    // Root may write everywhere but where the kernel itself says no.
    const data = process.getuid?.() === 0 ? "/sys/kassa" : join(closed, "data");
    refusedInOneSentence(bench.run(["start"], { KASSA_DATA: data }), /(read-only|cannot be written).*KASSA_DATA=/);
  } finally {
    rmSync(closed, { recursive: true });
  }
});

test("a folder that is a file is refused in one sentence that says what to do", () => {
  const data = join(bench.data, "secrets.json", "data");
  refusedInOneSentence(bench.run(["start"], { KASSA_DATA: data }), /is a file.*KASSA_DATA=/);
});

test("a port that is no number is refused before anything starts", () => {
  const ended = bench.run(["start"], { KASSA_PORT: "http" });
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /KASSA_PORT.*whole number from 0 to 65535/);
});

function refusedInOneSentence({ code, stdout, stderr }: Ended, sentence: RegExp): void {
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, sentence);
  assert.match(stderr, /^kassa: .*\n$/, "one line, no stack");
}

async function pay(): Promise<Payment> {
  const answer = await fetch(`${bench.url}/v1/payments`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
      prefer: "wait=20",
    },
    body: JSON.stringify({ amount: 500, currency: "JPY", payment_method: "pm_card_visa" }),
  });
  assert.equal(answer.status, 202);
  return (await answer.json()) as Payment;
}

async function fetchPayment(id: string): Promise<Payment> {
  const answer = await fetch(`${bench.url}/v1/payments/${id}`, { headers: { authorization: `Bearer ${apiKey}` } });
  return (await answer.json()) as Payment;
}
