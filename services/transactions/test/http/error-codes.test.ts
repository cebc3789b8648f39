import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ErrorCode, errorCodes } from "@kassa/contracts/error-codes";
import { type Answer, Api, eventually, fresh, paymentBody, rawCard } from "../client-fixture.ts";
import { type HeldKey, holdKey } from "../held-key-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

const docs = new URL("../../../../docs/errors.md", import.meta.url);
const generator = fileURLToPath(new URL("../../../../scripts/generate-docs.ts", import.meta.url));

const UNKNOWN = `pay_${"0".repeat(32)}`;
/** Codes that come with the time after which to try again. */
const withRetryAfter = new Set<ErrorCode>([
  "idempotency_in_flight",
  "rate_limited",
  "unavailable",
  "deadline_exceeded",
]);

describe("every error code is produced over HTTP", { concurrency: true }, () => {
  let fixture: PaymentsFixture;
  let api: Api;
  /** A pod that answers within 100 ms or not at all. */
  let hurried: Api;
  /** A pod of its own for a request that waits: what is committed together waits together. */
  let patient: Api;
  /** A pod that takes one request a second of a merchant. */
  let strict: Api;
  /** A pod whose provider is away. */
  let lonely: Api;
  let held: { readonly key: string; readonly hold: HeldKey };
  const produced = new Set<ErrorCode>();

  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
    const pod = async (env: Record<string, string>) => new Api(await fixture.startApi(env), fixture.merchant.key);
    hurried = await pod({ HTTP_DEADLINE_MS: "100" });
    patient = await pod({});
    strict = await pod({ HTTP_MERCHANT_RATE_PER_S: "1" });
    lonely = await pod({ ACQUIRER_URL: "http://127.0.0.1:9" });
    const key = fresh("key");
    held = { key, hold: await holdKey(fixture.pool, fixture.merchant.id, "createPayment", key) };
  });
  after(async () => {
    await held.hold.release();
    await fixture.stop();
  });

  /** How each code comes about. A code that is missing here does not compile. */
  const causes: Readonly<Record<ErrorCode, () => Promise<Answer>>> = {
    invalid_request: () => api.post("/v1/payments", paymentBody({ amount: 0 })),
    invalid_json: () => api.post("/v1/payments", "{"),
    invalid_text: () => api.post("/v1/payments", paymentBody({ reference: "\0" })),
    idempotency_key_required: () => api.post("/v1/payments", paymentBody(), { key: null }),
    invalid_cursor: () => api.get(`/v1/payments?starting_after=${UNKNOWN}`),
    card_invalid: () => api.post("/v1/payments", paymentBody({ payment_method: rawCard("4242424242424241") })),
    unauthenticated: () => new Api(fixture.url).get("/v1/payments"),
    signature_invalid: () => new Api(fixture.url).post("/v1/webhooks/acquirer", {}, { key: null }),
    forbidden: async () => {
      const { key } = await fixture.addApiKey(fixture.merchant.id, ["payments:read"]);
      return new Api(fixture.url, key).post("/v1/payments", paymentBody());
    },
    not_found: () => api.get(`/v1/payments/${UNKNOWN}`),
    method_not_allowed: () => api.request("DELETE", "/v1/payments"),
    invalid_state: async () => api.post(`/v1/payments/${(await api.pay()).body.id}/capture`, {}),
    capture_unresolved: async () => {
      const body = { capture: "manual", payment_method: "pm_card_fault_captureTimeout" };
      const { id } = (await api.pay(body)).body;
      await api.post(`/v1/payments/${id}/capture`, {});
      return api.post(`/v1/payments/${id}/capture`, {});
    },
    idempotency_in_flight: () => patient.post("/v1/payments", paymentBody(), { key: held.key }),
    reference_taken: async () => {
      const body = paymentBody({ reference: fresh("order"), reference_unique: true });
      await api.post("/v1/payments", body);
      return api.post("/v1/payments", body);
    },
    insufficient_funds: async () => {
      const { id } = (await fixture.stranger.api.pay()).body;
      await fixture.pool.query(
        `update ledger_balances b set held = credits - debits from ledger_accounts a
         where a.id = b.account_id and a.kind = 'merchant' and a.merchant_id = $1`,
        [fixture.stranger.id],
      );
      return fixture.stranger.api.post(`/v1/payments/${id}/refunds`, {});
    },
    body_too_large: () => api.post("/v1/payments", paymentBody({ reference: "x".repeat(70_000) })),
    unsupported_media_type: () =>
      api.post("/v1/payments", paymentBody(), { headers: { "content-type": "text/plain" } }),
    idempotency_key_reused: async () => {
      const key = fresh("key");
      await api.post("/v1/payments", paymentBody(), { key });
      return api.post("/v1/payments", paymentBody({ amount: 1 }), { key });
    },
    amount_too_large: async () => api.post(`/v1/payments/${(await api.pay()).body.id}/refunds`, { amount: 2000 }),
    unsupported_currency: () => api.post("/v1/payments", paymentBody({ currency: "ZZZ" })),
    unknown_payment_method: () => api.post("/v1/payments", paymentBody({ payment_method: "pm_nobody" })),
    rate_limited: () =>
      eventually(async () => {
        const answer = await strict.get("/v1/payments");
        return answer.status !== 200 && answer;
      }),
    // What we did not foresee: here a table of ours is gone for a moment.
    internal: async () => {
      await fixture.pool.query("alter table ledger_accounts rename to ledger_accounts_gone");
      const answer = await api.get("/v1/balances");
      await fixture.pool.query("alter table ledger_accounts_gone rename to ledger_accounts");
      return answer;
    },
    unavailable: () => lonely.post("/v1/payments", paymentBody({ payment_method: rawCard() })),
    deadline_exceeded: () => hurried.post("/v1/payments", paymentBody(), { key: held.key }),
  };

  const made = Object.entries(causes).map(([name, cause]) => {
    const code = name as ErrorCode;
    const { status, title } = errorCodes[code];
    const { promise, resolve } = Promise.withResolvers<void>();
    it(`${status} ${code}`, async () => {
      try {
        const answer = await cause();
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.headers.get("content-type"), "application/problem+json");
        const { detail, param: _param, request_id, ...rest } = answer.body;
        assert.deepEqual(rest, { type: `urn:kassa:error:${code}`, title, status, code });
        assert.match(detail, /\S\.$/);
        assert.equal(request_id, answer.headers.get("x-request-id"));
        assert.equal(withRetryAfter.has(code), Number(answer.headers.get("retry-after")) > 0);
        produced.add(answer.body.code);
      } finally {
        resolve();
      }
    });
    return promise;
  });

  it("the codes that were produced, those of the table and those of docs/errors.md are the same", async () => {
    await Promise.all(made);
    const table = Object.keys(errorCodes).sort();
    assert.deepEqual([...produced].sort(), table);
    const documented = [...readFileSync(docs, "utf8").matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    assert.deepEqual(documented.sort(), table);
  });

  it("docs/errors.md is as the table has it (node scripts/generate-docs.ts writes it)", () => {
    execFileSync(process.execPath, [generator, "--check"]);
  });
});
