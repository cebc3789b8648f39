import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpConfig } from "@kassa/platform/http";
import { type Handlers, post, type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;

async function start(config: Partial<HttpConfig>, handlers: Handlers = {}): Promise<Sandbox> {
  sandbox = await startSandbox(config, handlers);
  return sandbox;
}

afterEach(() => sandbox.server.close());

const body = '{"amount":1}';

describe("the deadline of a request", () => {
  it("answers 503 deadline_exceeded and aborts the handler's signal", async () => {
    let aborted: unknown;
    const { url } = await start(
      { HTTP_DEADLINE_MS: 50 },
      {
        create: async ({ signal }) => {
          await once(signal, "abort");
          aborted = signal.reason.code;
        },
      },
    );
    const answer = await post(url, body);
    assert.deepEqual(
      [answer.status, answer.json.code, answer.headers.get("retry-after")],
      [503, "deadline_exceeded", "1"],
    );
    await sleep(5);
    assert.equal(aborted, "deadline_exceeded");
  });

  it("is told to the handler, and is longer with Prefer: wait", async () => {
    const { url } = await start(
      {},
      { create: ({ deadlineAtMs, preferWaitS }) => ({ ms: deadlineAtMs - Date.now(), waitS: preferWaitS ?? null }) },
    );
    const plain = (await post(url, body)).json;
    assert.ok(plain.ms > 9_000 && plain.ms <= 10_000 && plain.waitS === null, JSON.stringify(plain));
    const waiting = (await post(url, body, { prefer: "return=minimal, wait=20" })).json;
    assert.ok(waiting.ms > 34_000 && waiting.ms <= 35_000 && waiting.waitS === 20, JSON.stringify(waiting));
    assert.equal((await post(url, body, { prefer: "wait=99" })).json.waitS, 30);
    assert.equal((await post(url, body, { prefer: "await=9" })).json.waitS, null);
  });

  it("holds for a client that does not send its body, and closes its connection", async () => {
    const { server } = await start({ HTTP_DEADLINE_MS: 50 });
    const socket = connect(server.address.port, "127.0.0.1");
    const head = "POST /v1/things HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk_test_all\r\nidempotency-key: k\r\n";
    socket.write(`${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    await once(socket, "close");
    assert.match(text, /^HTTP\/1.1 503 /);
    assert.match(text, /deadline_exceeded/);
  });
});

describe("a client that goes away", () => {
  it("aborts the handler's signal", async () => {
    const { promise: reason, resolve } = Promise.withResolvers<string>();
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    const { url } = await start(
      {},
      {
        create: async ({ signal }) => {
          enter();
          await once(signal, "abort");
          resolve(signal.reason.name);
        },
      },
    );
    const controller = new AbortController();
    const headers = { authorization: "Bearer sk_test_all", "idempotency-key": "k", "content-type": "application/json" };
    const call = fetch(`${url}/v1/things`, { method: "POST", body, headers, signal: controller.signal });
    await entered;
    controller.abort();
    await assert.rejects(call);
    assert.equal(await reason, "ClientGone");
  });
});

describe("limits", () => {
  it("503 with Retry-After beyond the requests that may be at work", async () => {
    const gate = Promise.withResolvers<void>();
    const { url } = await start({ HTTP_MAX_IN_FLIGHT: 2 }, { create: () => gate.promise });
    const admitted = [post(url, body), post(url, body)];
    await sleep(50);
    const refused = await post(url, body);
    assert.deepEqual(
      [refused.status, refused.json.code, refused.headers.get("retry-after")],
      [503, "unavailable", "1"],
    );
    gate.resolve();
    assert.deepEqual(
      (await Promise.all(admitted)).map(({ status }) => status),
      [201, 201],
    );
    assert.equal((await post(url, body)).status, 201);
  });

  it("429 with Retry-After beyond a merchant's rate, and the merchant is served again later", async () => {
    const { url } = await start({ HTTP_MERCHANT_RATE_PER_S: 2 });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await post(url, body));
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [201, 201, 429, 429],
    );
    assert.equal(statuses[2]?.json.code, "rate_limited");
    assert.equal(statuses[2]?.headers.get("retry-after"), "1");
    await sleep(1100);
    assert.equal((await post(url, body)).status, 201);
  });

  it("429 beyond an address's rate on public routes, by X-Forwarded-For when a proxy is trusted", async () => {
    const { url } = await start({ HTTP_ADDRESS_RATE_PER_S: 1, HTTP_TRUSTED_PROXIES: 1 });
    const get = async (address: string) =>
      (await fetch(`${url}/v1/things`, { headers: { "x-forwarded-for": address } })).status;
    assert.deepEqual([await get("192.0.2.1"), await get("192.0.2.1"), await get("192.0.2.2")], [200, 429, 200]);
  });

  it("no address's rate for signed webhooks, which all come from one provider", async () => {
    const { url } = await start({ HTTP_ADDRESS_RATE_PER_S: 1 });
    for (let n = 0; n < 3; n += 1) {
      assert.equal((await post(url, '{"type":"x"}', { signature: "12" }, "/v1/hooks")).status, 204);
    }
  });

  it("429 for an address that keeps failing to authenticate, not for others' good keys", async () => {
    const { url } = await start({ HTTP_FAILED_AUTH_PER_MINUTE: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await post(url, body, { authorization: `Bearer sk_${n}` })).status);
    assert.deepEqual(statuses, [401, 401, 429]);
    assert.equal((await post(url, body)).status, 201);
  });
});

describe("a drain", () => {
  it("finishes what is at work, tells each client to leave, and takes no new connections", async () => {
    const gate = Promise.withResolvers<void>();
    const { server, url } = await start({}, { create: () => gate.promise });
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const call = post(url, body);
    await sleep(30);
    server.unready();
    const unready = await fetch(`${url}/healthz`);
    assert.equal(unready.status, 503);
    const late = await fetch(`${url}/v1/things`);
    assert.deepEqual([late.status, late.headers.get("connection")], [200, "close"]);
    server.stopAccepting();
    await assert.rejects(fetch(`${url}/v1/things`));
    let isFinished = false;
    const finished = server.finish().then(() => {
      isFinished = true;
    });
    await sleep(20);
    assert.equal(isFinished, false);
    gate.resolve();
    const answer = await call;
    assert.deepEqual([answer.status, answer.headers.get("connection")], [201, "close"]);
    await finished;
  });

  it("cuts what does not end when it is closed", async () => {
    const { server, url } = await start({}, { create: () => new Promise(() => {}) });
    const call = post(url, body);
    await sleep(30);
    await Promise.all([assert.rejects(call), server.close()]);
  });

  it("rejects the start on a port that is taken", async () => {
    const { server } = await start({});
    await assert.rejects(startSandbox({ HTTP_PORT: server.address.port }), { code: "EADDRINUSE" });
  });
});
