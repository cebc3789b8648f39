import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { paymentRoutes } from "@kassa/contracts/payment-routes";
import type { Route } from "@kassa/contracts/route";
import { type Answer, Api, eventually, paymentBody } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

/** A revoked key may be remembered for as long, and a busy machine gets some more. */
const REVOKED_WITHIN_MS = 6_000;

const routes: readonly Route[] = Object.values(paymentRoutes);
const merchantRoutes = routes.filter(({ auth }) => auth === "api_key");

/** A body that each route would accept, from the payment's own merchant. */
const bodies: Readonly<Record<string, unknown>> = {
  createPayment: paymentBody(),
  createPaymentBatch: { payments: [paymentBody()] },
};

describe("merchants", { concurrency: true }, () => {
  let fixture: PaymentsFixture;
  /** Of the first merchant: an authorized and a completed payment, and a refund. */
  let owned: { authorized: string; completed: string; refund: string };
  before(async () => {
    fixture = await startPayments();
    const { api } = fixture.merchant;
    const authorized = (await api.pay({ capture: "manual" })).body.id;
    const completed = (await api.pay()).body.id;
    const refund = (await api.post(`/v1/payments/${completed}/refunds`, { amount: 1 }, { waitS: 20 })).body.id;
    owned = { authorized, completed, refund };
  });
  after(() => fixture.stop());

  function call(api: Api, route: Route, id = owned.authorized): Promise<Answer> {
    const path = route.path.replace("{id}", id);
    if (route.method === "GET") return api.get(path);
    return api.post(path, bodies[route.operationId] ?? {}, route.idempotent === true ? {} : { key: null });
  }

  async function state(): Promise<unknown> {
    const sql = "select stream_id, version from events where merchant_id = $1 order by stream_id, version";
    return (await fixture.pool.query(sql, [fixture.merchant.id])).rows;
  }

  for (const route of merchantRoutes.filter(({ path }) => path.includes("{id}"))) {
    it(`${route.method} ${route.path}: another merchant's id is 404 and nothing changes`, async () => {
      const ids = route.path.includes("refunds/{id}") ? [owned.refund] : [owned.authorized, owned.completed];
      const before = await state();
      for (const id of ids) {
        const answer = await call(fixture.stranger.api, route, id);
        assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
        assert.doesNotMatch(answer.text, /EUR|1999|authorized|completed/);
      }
      assert.deepEqual(await state(), before);
      const own = await fixture.pool.query("select from idempotency_keys where merchant_id = $1", [
        fixture.stranger.id,
      ]);
      assert.equal(own.rowCount, 0, "a refusal of a foreign id was stored");
    });
  }

  it("GET /v1/payments shows one's own alone, and GET /v1/balances too", async () => {
    const { body: page } = await fixture.stranger.api.get("/v1/payments?limit=100");
    assert.deepEqual(page, { data: [], has_more: false });
    assert.deepEqual((await fixture.stranger.api.get("/v1/balances")).body, { data: [] });
    assert.equal((await fixture.merchant.api.get("/v1/payments")).body.data.length, 2);
  });

  it("GET /v1/payments takes no other merchant's payment as its cursor", async () => {
    const answer = await fixture.stranger.api.get(`/v1/payments?starting_after=${owned.completed}`);
    assert.deepEqual([answer.status, answer.body.code], [400, "invalid_cursor"]);
  });

  for (const scope of ["payments:read", "payments:write"]) {
    it(`403 on every route that needs ${scope} for a key without it, and only there`, async () => {
      const others = ["payments:read", "payments:write"].filter((each) => each !== scope);
      const { key } = await fixture.addApiKey(fixture.stranger.id, others);
      const api = new Api(fixture.url, key);
      for (const route of merchantRoutes) {
        assert.ok(route.scope !== undefined, `${route.operationId} needs no scope`);
        // A new payment would be seen by the other tests: what lacks its body is refused later than at the door.
        const answer = await api.request(route.method, route.path.replace("{id}", owned.authorized));
        assert.equal(answer.status === 403, route.scope === scope, `${route.operationId}: ${answer.status}`);
        if (answer.status === 403) assert.equal(answer.body.code, "forbidden");
      }
    });
  }

  it("401 on every route without a key", async () => {
    for (const route of merchantRoutes) {
      const answer = await call(new Api(fixture.url), route);
      assert.deepEqual([answer.status, answer.body.code], [401, "unauthenticated"]);
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    }
  });

  it("401 for a key that has expired, and not before", async () => {
    const { id, key } = await fixture.addApiKey(fixture.stranger.id, ["payments:read"]);
    const expire = (when: string) =>
      fixture.pool.query(`update api_keys set expires_at = now() + interval '${when}' where id = $1`, [id]);
    await expire("-1 second");
    const api = new Api(fixture.url, key);
    assert.equal((await api.get("/v1/balances")).status, 401);
    await expire("1 hour");
    assert.equal((await api.get("/v1/balances")).status, 200);
  });

  it("401 within 5 s of its revocation for a key that was in use", async () => {
    const { id, key } = await fixture.addApiKey(fixture.stranger.id, ["payments:read"]);
    const api = new Api(fixture.url, key);
    assert.equal((await api.get("/v1/balances")).status, 200);
    await fixture.pool.query("update api_keys set revoked_at = now() where id = $1", [id]);
    const answer = await eventually(async () => {
      const latest = await api.get("/v1/balances");
      return latest.status === 401 && latest;
    }, REVOKED_WITHIN_MS);
    assert.equal(answer.body.code, "unauthenticated");
  });
});
