import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Answer, type Api, paymentBody } from "../client-fixture.ts";
import { type Merchant, type PaymentsFixture, startPayments } from "../payments-fixture.ts";

const UNKNOWN = `pay_${"0".repeat(32)}`;

describe("reading", () => {
  let fixture: PaymentsFixture;
  let merchant: Merchant;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    merchant = fixture.merchant;
    api = merchant.api;
  });
  after(() => fixture.stop());

  async function create(count: number, more: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
    const payments = Array.from({ length: count }, () => paymentBody(more));
    const { body } = await api.post("/v1/payments/batch", { payments });
    return body.results.map(({ payment }: { payment: { id: string } }) => payment.id);
  }

  describe("GET /v1/payments/{id}", () => {
    it("200 shows the payment as its creation answered it, grown by its outcome", async () => {
      const created = await api.post("/v1/payments", paymentBody({ metadata: { a: "1" }, reference: "r" }));
      const { body } = await api.until(created.body.id, "completed");
      const { status, amount_captured, updated_at, ...rest } = created.body;
      assert.deepEqual({ ...body, updated_at }, { ...rest, updated_at, status: "completed", amount_captured: 1999 });
      assert.ok(body.updated_at >= body.created_at);
    });

    it("200 reads one's own writes: an answered payment is there", async () => {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const { body } = await api.post("/v1/payments", paymentBody());
          assert.equal((await api.get(`/v1/payments/${body.id}`)).status, 200);
        }),
      );
    });

    it("404 for an id that nobody has and for what is no id", async () => {
      for (const id of [UNKNOWN, "pay_1", "4242424242424242"]) {
        const answer = await api.get(`/v1/payments/${id}`);
        assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
      }
    });
  });

  describe("GET /v1/payments/{id}/events", () => {
    it("200 tells what happened, oldest first and without a gap", async () => {
      const { body: payment } = await api.pay();
      const { status, body } = await api.get(`/v1/payments/${payment.id}/events`);
      assert.equal(status, 200);
      assert.deepEqual(typesOf(body), [
        "payment.created",
        "payment.processing",
        "payment.authorized",
        "payment.completed",
      ]);
      assert.deepEqual(
        body.data.map(({ version }: { version: number }) => version),
        [1, 2, 3, 4],
      );
      assert.equal(body.data[0].id, `evt_${payment.id.slice(4)}_1`);
      assert.equal(body.data[0].occurred_at, payment.created_at);
    });

    it("404 for an id that nobody has", async () => {
      const answer = await api.get(`/v1/payments/${UNKNOWN}/events`);
      assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
    });
  });

  describe("GET /v1/payments", () => {
    it("200 lists by (created_at, id) descending, 20 unless limit says 1 to 100", async () => {
      await create(130);
      const pages = await Promise.all(["", "?limit=1", "?limit=100"].map((query) => api.get(`/v1/payments${query}`)));
      assert.deepEqual(
        pages.map(({ body }) => [body.data.length, body.has_more]),
        [
          [20, true],
          [1, true],
          [100, true],
        ],
      );
      const keys = pages[2]?.body.data.map((each: { created_at: string; id: string }) => each.created_at + each.id);
      assert.deepEqual(keys, keys.toSorted().toReversed());
    });

    it("200 walks page by page over all that existed, none skipped or repeated, while payments arrive", async () => {
      await create(150);
      const { rows } = await fixture.pool.query("select id from payments where merchant_id = $1", [merchant.id]);
      const existed = rows.map(({ id }) => `pay_${id.replaceAll("-", "")}`);
      let walking = true;
      const arrivals = Promise.all(
        Array.from({ length: 4 }, async () => {
          while (walking) await api.post("/v1/payments", paymentBody());
        }),
      );
      const seen = await walk(api, "limit=7");
      walking = false;
      await arrivals;
      assert.equal(new Set(seen).size, seen.length, "a payment came twice");
      assert.deepEqual(
        existed.filter((id) => !seen.includes(id)),
        [],
        "payments were skipped",
      );
      assert.deepEqual(seen, seen.toSorted().toReversed());
    });

    it("200 with status lists those alone, page by page", async () => {
      const declined = await create(25, { payment_method: "pm_card_chargeDeclined" });
      await Promise.all(declined.map((id) => api.until(id, "failed")));
      const seen = await walk(api, "status=failed&limit=10");
      assert.deepEqual(seen, [...declined].sort().reverse());
    });

    it("400 for a limit outside 1 to 100, an unknown status and an unknown parameter", async () => {
      for (const [param, query] of [
        ["limit", "limit=0"],
        ["limit", "limit=101"],
        ["limit", "limit=ten"],
        ["status", "status=lost"],
        ["order", "order=asc"],
      ]) {
        const answer = await api.get(`/v1/payments?${query}`);
        assert.deepEqual([answer.status, answer.body.code, answer.body.param], [400, "invalid_request", param]);
      }
    });

    it("400 invalid_cursor for what is no payment of one's own", async () => {
      const { body: foreign } = await fixture.stranger.api.post("/v1/payments", paymentBody());
      for (const cursor of [UNKNOWN, "here", foreign.id]) {
        const answer = await api.get(`/v1/payments?starting_after=${cursor}`);
        assert.deepEqual(
          [answer.status, answer.body.code, answer.body.param],
          [400, "invalid_cursor", "starting_after"],
        );
      }
    });
  });

  describe("GET /v1/refunds/{id}", () => {
    it("200 shows the refund", async () => {
      const { body: payment } = await api.pay();
      const made = await api.post(`/v1/payments/${payment.id}/refunds`, { amount: 700 }, { waitS: 20 });
      const { status, body } = await api.get(`/v1/refunds/${made.body.id}`);
      assert.equal(status, 200);
      assert.deepEqual(body, made.body);
      assert.deepEqual([body.payment_id, body.status, body.amount], [payment.id, "succeeded", 700]);
    });

    it("404 for an id that nobody has", async () => {
      const answer = await api.get(`/v1/refunds/re_${"0".repeat(32)}`);
      assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
    });
  });

  describe("GET /v1/balances", () => {
    it("200 shows a line a currency, in step with captures and refunds", async () => {
      const stranger = fixture.stranger.api;
      const { body: payment } = await stranger.pay({ currency: "KWD", amount: 12_345 });
      await stranger.pay({ currency: "JPY", amount: 5 });
      await stranger.post(`/v1/payments/${payment.id}/refunds`, { amount: 345 }, { waitS: 20 });
      const { status, body } = await stranger.get("/v1/balances");
      assert.equal(status, 200);
      const lines = body.data.filter(({ currency }: { currency: string }) => currency !== "EUR");
      assert.deepEqual(lines, [
        { currency: "JPY", posted: "5", held: "0", available: "5" },
        { currency: "KWD", posted: "12000", held: "0", available: "12000" },
      ]);
    });
  });
});

async function walk(api: Api, query: string): Promise<readonly string[]> {
  const seen: string[] = [];
  let page: Answer | undefined;
  for (let pages = 0; page?.body.has_more !== false; pages += 1) {
    assert.ok(pages < 1000, "the walk does not end");
    const last = seen.at(-1);
    page = await api.get(`/v1/payments?${query}${last === undefined ? "" : `&starting_after=${last}`}`);
    assert.equal(page.status, 200);
    seen.push(...page.body.data.map(({ id }: { id: string }) => id));
  }
  return seen;
}

function typesOf(body: { readonly data: readonly { readonly type: string }[] }): readonly string[] {
  return body.data.map(({ type }) => type);
}
