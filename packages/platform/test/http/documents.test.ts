import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { acquirerRoutes } from "@kassa/contracts/acquirer-routes";
import { errorCodes } from "@kassa/contracts/error-codes";
import { fraudRoutes } from "@kassa/contracts/fraud-routes";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import { openApiDocument } from "@kassa/platform/http";
import { Value } from "typebox/value";
import { createThing, type Sandbox, startSandbox } from "./sandbox.ts";

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.server.close());

describe("GET /openapi.json", () => {
  it("describes every route with its schemas, errors, security and headers", async () => {
    const document = JSON.parse(await (await fetch(`${sandbox.url}/openapi.json`)).text());
    assert.equal(document.openapi, "3.1.0");
    assert.deepEqual(Object.keys(document.paths).sort(), [
      "/v1/hooks",
      "/v1/things",
      "/v1/things/best",
      "/v1/things/{id}",
    ]);
    const { post: create, get: list } = document.paths["/v1/things"];
    assert.equal(create.operationId, "createThing");
    assert.deepEqual(create.security, [{ api_key: ["things:write"] }]);
    assert.deepEqual(
      create.parameters.map((parameter: { name: string }) => parameter.name),
      ["Idempotency-Key", "Prefer"],
    );
    assert.equal(create.requestBody.required, true);
    assert.equal(create.requestBody.content["application/json"].schema.additionalProperties, false);
    assert.match(create.responses["400"].description, /invalid_request.*/);
    assert.match(create.responses["422"].description, /unsupported_currency/);
    assert.ok(create.responses["503"].headers["Retry-After"]);
    assert.deepEqual(
      list.parameters.map((parameter: { name: string }) => parameter.name),
      ["limit", "all", "status"],
    );
    assert.deepEqual(list.security, []);
    assert.deepEqual(Object.keys(document.components.securitySchemes).sort(), ["api_key", "signature"]);
    assert.deepEqual(document.components.schemas.Problem.properties.code.enum, Object.keys(errorCodes));
  });

  it("offers Prefer: wait where a route takes it, whatever its description says", () => {
    const waiting = Object.values(openApiDocument(Object.values(paymentRoutes), { title: "Kassa" }).paths)
      .flatMap((methods) => Object.values(methods))
      .filter(({ parameters }) => parameters.some(({ name }) => name === "Prefer"))
      .map(({ operationId }) => operationId);
    assert.deepEqual(waiting.sort(), ["cancelPayment", "capturePayment", "createPayment", "createRefund"]);
    const described = { ...createThing, takesWait: false, description: "`Prefer: wait=N` is not for this one." };
    const document = openApiDocument([described], { title: "Kassa" });
    assert.deepEqual(
      document.paths["/v1/things"]?.post?.parameters.map(({ name }) => name),
      ["Idempotency-Key"],
    );
  });

  it("documents Kassa's own routes, with examples that are valid where one can be made", () => {
    const routes = [paymentRoutes, fraudRoutes, acquirerRoutes].flatMap((table) => Object.values(table));
    const document = openApiDocument(routes, { title: "Kassa" });
    let examples = 0;
    for (const methods of Object.values(document.paths)) {
      for (const { requestBody } of Object.values(methods)) {
        const content = requestBody?.content["application/json"];
        if (content?.example === undefined) continue;
        examples += 1;
        assert.ok(Value.Check(content.schema, content.example), JSON.stringify(content));
      }
    }
    assert.ok(examples > 0);
    JSON.stringify(document);
  });
});

describe("GET /docs", () => {
  it("is one readable page without a script or anything from elsewhere", async () => {
    const answer = await fetch(`${sandbox.url}/docs`);
    const page = await answer.text();
    assert.match(answer.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none';style-src 'sha256-[^']+'/);
    assert.doesNotMatch(page, /<script|src=|https?:\/\//);
    assert.match(page, /<html lang="en">/);
    assert.match(page, /<h2 id="createThing"><code>POST \/v1\/things<\/code><\/h2>/);
    assert.match(page, /Things &lt;1&gt; API/);
    assert.match(page, /idempotency_key_required/);
  });
});
