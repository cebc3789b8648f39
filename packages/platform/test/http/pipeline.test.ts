import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Problem } from "@kassa/contracts/problem";
import { metricsText } from "@kassa/platform/metrics";
import { currentTraceparent } from "@kassa/platform/telemetry";
import { post, type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
let handle: () => unknown = () => undefined;

before(async () => {
  sandbox = await startSandbox({ HTTP_FAILED_AUTH_PER_MINUTE: 0 }, { create: () => handle() });
});
after(() => sandbox.server.close());

async function get(path: string, init: RequestInit = {}) {
  const answer = await fetch(sandbox.url + path, init);
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: text.startsWith("{") ? JSON.parse(text) : undefined,
  };
}

describe("an answer", () => {
  it("201 carries the handler's body and headers, and the defaults of the request", async () => {
    const answer = await post(sandbox.url, '{"amount":5}');
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.json, { amount: 5, note: "none", key: "key-1", by: "all" });
    assert.equal(answer.headers.get("location"), "/v1/things/th_1");
    assert.equal(answer.headers.get("content-type"), "application/json");
  });

  it("carries security headers and no trace of Express", async () => {
    const { headers } = await get("/v1/things/best");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.match(headers.get("strict-transport-security") ?? "", /max-age=31536000/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-powered-by"), null);
  });

  it("echoes a sane X-Request-Id and replaces any other", async () => {
    assert.equal(
      (await post(sandbox.url, '{"amount":1}', { "x-request-id": "req-1" })).headers.get("x-request-id"),
      "req-1",
    );
    const replaced = await post(sandbox.url, "{", { "x-request-id": "a b<script>" });
    assert.match(replaced.headers.get("x-request-id") ?? "", /^[0-9a-f]{32}$/);
    assert.equal(replaced.json.request_id, replaced.headers.get("x-request-id"));
  });

  it("prefers a fixed path to one with a parameter", async () => {
    assert.deepEqual((await get("/v1/things/best")).json, { id: "best" });
    assert.deepEqual((await get("/v1/things/th_7")).json, { id: "th_7" });
  });

  it("to HEAD has the headers of GET and no body", async () => {
    const { status, headers, text } = await get("/v1/things/best", { method: "HEAD" });
    assert.deepEqual([status, headers.get("content-length"), text], [200, "13", ""]);
  });

  it("to OPTIONS lists the methods", async () => {
    const { status, headers } = await get("/v1/things", { method: "OPTIONS" });
    assert.deepEqual([status, headers.get("allow")], [204, "POST, GET, HEAD, OPTIONS"]);
  });

  it("reads a query by its types, with defaults", async () => {
    assert.deepEqual((await get("/v1/things?limit=7&all=true&status=new")).json, {
      limit: 7,
      all: true,
      status: "new",
    });
    assert.deepEqual((await get("/v1/things")).json, { limit: 20 });
  });

  it("to a signed request comes after the signature was checked on the raw bytes", async () => {
    const answer = await post(sandbox.url, '{ "type":"echo" }', { signature: "17" }, "/v1/hooks");
    assert.deepEqual(answer.json, { provider: "acquirer", bytes: 17 });
    const empty = await post(sandbox.url, '{"type":"x"}', { signature: "12" }, "/v1/hooks");
    assert.deepEqual([empty.status, empty.json, empty.headers.get("content-type")], [204, undefined, null]);
  });

  it("is made inside the trace that came with the request", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    handle = () => ({ trace: currentTraceparent() });
    assert.equal((await post(sandbox.url, '{"amount":1}', { traceparent })).json.trace, traceparent);
    assert.match((await post(sandbox.url, '{"amount":1}')).json.trace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    handle = () => undefined;
  });

  it("is measured by route, method and status", async () => {
    await get("/v1/things/th_9");
    const { text } = await metricsText();
    assert.match(
      text,
      /kassa_http_request_duration_seconds_count\{route="\/v1\/things\/\{id\}",method="GET",status="200"\} \d/,
    );
  });
});

describe("a request that no route answers", () => {
  it("is measured as unmatched, with a bounded method", async () => {
    await get("/no/such/path");
    await get("/v1/things/%zz");
    await fetch(`${sandbox.url}/v1/things`, { method: "DELETE" });
    await fetch(`${sandbox.url}/elsewhere`, { method: "PROPFIND" });
    const { text } = await metricsText();
    const seen = [
      ...text.matchAll(/request_duration_seconds_count\{route="unmatched",method="(\w+)",status="(\d+)"\}/g),
    ];
    const labels = new Set(seen.map(([, method, status]) => `${method} ${status}`));
    for (const each of ["GET 404", "GET 400", "DELETE 405", "other 404"]) assert.ok(labels.has(each), each);
    assert.doesNotMatch(text, /no\/such\/path|elsewhere|PROPFIND/);
  });
});

describe("a refusal", () => {
  const body = '{"amount":1}';
  type Replaced = Record<string, string | undefined>;
  const cases: readonly (readonly [
    what: string,
    status: number,
    code: string,
    body: string,
    replaced?: Replaced,
    path?: string,
  ])[] = [
    ["no key", 401, "unauthenticated", body, { authorization: undefined }],
    ["an unknown key", 401, "unauthenticated", body, { authorization: "Bearer sk_test_x" }],
    ["a key without the scope", 403, "forbidden", body, { authorization: "Bearer sk_test_none" }],
    ["a wrong signature", 401, "signature_invalid", '{"type":"x"}', { signature: "0" }, "/v1/hooks"],
    ["no Idempotency-Key", 400, "idempotency_key_required", body, { "idempotency-key": undefined }],
    ["an empty Idempotency-Key", 400, "idempotency_key_required", body, { "idempotency-key": "" }],
    ["a blank in the Idempotency-Key", 400, "idempotency_key_required", body, { "idempotency-key": "a b" }],
    ["an Idempotency-Key of 256", 400, "idempotency_key_required", body, { "idempotency-key": "x".repeat(256) }],
    ["another media type", 415, "unsupported_media_type", body, { "content-type": "text/plain" }],
    [
      "another character set",
      415,
      "unsupported_media_type",
      body,
      { "content-type": "application/json; charset=latin1" },
    ],
    ["a compressed body", 415, "unsupported_media_type", body, { "content-encoding": "gzip" }],
    ["a body beyond the limit", 413, "body_too_large", `{"amount":1,"note":"${"x".repeat(1024)}"}`],
    ["what is not JSON", 400, "invalid_json", '{"amount":'],
    ["U+0000 in a text", 400, "invalid_text", '{"amount":1,"note":"\\u0000"}'],
    ["half a surrogate pair", 400, "invalid_text", '{"amount":1,"note":"\\ud800"}'],
    ["an unknown member", 400, "invalid_request", '{"amount":1,"x":1}'],
    ["no body where members are required", 400, "invalid_request", ""],
    ["a path that is not there", 404, "not_found", body, {}, "/v1/nothing"],
    ["a method that is not there", 405, "method_not_allowed", body, {}, "/v1/things/th_1"],
  ];
  for (const [what, status, code, text, replaced, path] of cases) {
    it(`${status} ${code}: ${what}`, async () => {
      const answer = await post(sandbox.url, text, replaced, path);
      assert.deepEqual([answer.status, answer.json.code, answer.json.status], [status, code, status]);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.json.type, `urn:kassa:error:${code}`);
      assert.equal(answer.json.request_id, answer.headers.get("x-request-id"));
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    });
  }

  it("401 says how to authenticate, 405 what is allowed, 400 which member", async () => {
    assert.equal(
      (await post(sandbox.url, body, { authorization: undefined })).headers.get("www-authenticate"),
      "Bearer",
    );
    assert.equal((await post(sandbox.url, body, {}, "/v1/things/th_1")).headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal((await post(sandbox.url, '{"amount":0}')).json.param, "amount");
  });

  it("400 for a query that repeats, misspells or mistypes a parameter, or holds U+0000", async () => {
    for (const [query, code, param] of [
      ["limit=1&limit=2", "invalid_request", "limit"],
      ["limit=0", "invalid_request", "limit"],
      ["limit=ten", "invalid_request", "limit"],
      ["status=broken", "invalid_request", "status"],
      ["limmit=1", "invalid_request", "limmit"],
      ["status=%00", "invalid_text", "status"],
      ["__proto__=1", "invalid_request", "__proto__"],
    ]) {
      const { status, json } = await get(`/v1/things?${query}`);
      assert.deepEqual([status, json.code, json.param], [400, code, param], query);
    }
  });

  it("404 for an id that cannot be one", async () => {
    assert.equal((await get("/v1/things/nonsense")).json.code, "not_found");
    assert.equal((await get("/v1/things/%ff")).status, 400);
  });

  it("413 also for a body whose length was not announced", async () => {
    const chunks = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 4; n += 1) controller.enqueue(Buffer.alloc(512, 32));
        controller.close();
      },
    });
    const init = {
      method: "POST",
      body: chunks,
      duplex: "half",
      headers: { authorization: "Bearer sk_test_all", "idempotency-key": "k", "content-type": "application/json" },
    };
    const answer = await fetch(`${sandbox.url}/v1/things`, init as RequestInit).catch((error) => error.cause);
    // The connection is closed on the client's unread rest, which may reach it before the answer does.
    assert.ok(
      answer.status === 413 || ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(answer.code),
      String(answer.code),
    );
  });

  it("is what the handler throws as a Problem, with Retry-After", async () => {
    handle = () => {
      throw new Problem("unavailable", "Come back.", { retryAfterS: 7 });
    };
    const answer = await post(sandbox.url, body);
    assert.deepEqual([answer.status, answer.json.detail, answer.headers.get("retry-after")], [503, "Come back.", "7"]);
    handle = () => undefined;
  });

  it("500 reveals nothing of an unexpected error, which is logged once with the request's id", async () => {
    handle = () => {
      throw new Error("relation payments does not exist");
    };
    const before = sandbox.logged.length;
    const answer = await post(sandbox.url, body);
    assert.deepEqual([answer.status, answer.json.code], [500, "internal"]);
    assert.doesNotMatch(JSON.stringify(answer.json), /relation/);
    const lines = sandbox.logged.slice(before).map((line) => JSON.parse(line));
    assert.equal(lines.length, 1);
    assert.equal(lines[0].request_id, answer.json.request_id);
    assert.match(lines[0].err.message, /relation/);
    handle = () => undefined;
  });
});
