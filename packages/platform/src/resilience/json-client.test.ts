import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { withTraceparent } from "../telemetry/index.ts";
import { createExecutor, createJsonClient, type JsonClient, NotSent, TimedOut, UnexpectedStatus } from "./index.ts";

type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string };

let server: Server;
let origin: string;
let client: JsonClient;
let answers: [status: number, text: string][] = [];
const seen: Seen[] = [];

before(async () => {
  server = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    seen.push({ method: req.method ?? "", url: req.url ?? "", headers: req.headers, body });
    const [status, text] = answers.shift() ?? [200, '{"ok":true}'];
    // A status of 0 stands for no answer at all.
    if (status !== 0) res.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

const executor = createExecutor({
  name: "json-test",
  figures: { retryFirstMs: 1, retryJitterMs: 0, timeoutMs: 200, breakerVolume: 1000 },
});
after(() => executor.close());

afterEach(async () => {
  await client.close();
  seen.length = 0;
  answers = [];
});

function create(options: { maxAnswerBytes?: number; at?: string } = {}): JsonClient {
  const { at = origin, ...rest } = options;
  client = createJsonClient({
    origin: at,
    executor,
    headers: { authorization: "Bearer internal" },
    connections: 2,
    ...rest,
  });
  return client;
}

describe("the JSON client", () => {
  it("sends JSON with its headers and the active trace, and reads the answer", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const answer = await withTraceparent(traceparent, () =>
      create().request({
        method: "POST",
        path: "/v1/charges?x=1",
        body: { amount: 1 },
        headers: { "idempotency-key": "op_1" },
      }),
    );
    assert.deepEqual([answer.status, answer.json], [200, { ok: true }]);
    const [request] = seen;
    assert.deepEqual([request?.method, request?.url, request?.body], ["POST", "/v1/charges?x=1", '{"amount":1}']);
    assert.equal(request?.headers.traceparent, traceparent);
    assert.equal(request?.headers["idempotency-key"], "op_1");
    assert.equal(request?.headers.authorization, "Bearer internal");
    assert.equal(request?.headers["content-type"], "application/json");
  });

  it("returns statuses below 500 as answers, and no body as undefined", async () => {
    answers = [
      [404, '{"code":"not_found"}'],
      [204, ""],
    ];
    assert.deepEqual((await create().request({ method: "GET", path: "/" })).json, { code: "not_found" });
    assert.equal((await client.request({ method: "GET", path: "/" })).json, undefined);
  });

  it("repeats 503 for an idempotent call and throws it for another", async () => {
    answers = [
      [503, "busy"],
      [200, "{}"],
      [503, '{"code":"unavailable"}'],
    ];
    assert.equal((await create().request({ method: "POST", path: "/", body: {}, idempotent: true })).status, 200);
    const error = await client.request({ method: "POST", path: "/", body: {} }).catch((e) => e);
    assert.ok(error instanceof UnexpectedStatus);
    assert.deepEqual([error.status, error.json], [503, { code: "unavailable" }]);
    assert.equal(seen.length, 3);
  });

  it("throws TimedOut when no answer comes", async () => {
    answers = [[0, ""]];
    const error = await create()
      .request({ method: "POST", path: "/" })
      .catch((e) => e);
    assert.ok(error instanceof TimedOut);
  });

  it("throws NotSent when nobody listens", async () => {
    const error = await create({ at: "http://127.0.0.1:1" })
      .request({ method: "POST", path: "/" })
      .catch((e) => e);
    assert.ok(error instanceof NotSent);
    assert.equal(error.reason, "unreachable");
  });

  it("refuses an answer beyond its bound, and one that is not JSON", async () => {
    answers = [
      [200, `"${"x".repeat(2000)}"`],
      [200, "<html>"],
    ];
    await assert.rejects(create({ maxAnswerBytes: 1000 }).request({ method: "GET", path: "/" }));
    await assert.rejects(client.request({ method: "GET", path: "/" }), SyntaxError);
  });
});
