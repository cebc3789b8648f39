import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Api, eventually, fresh, paymentBody, rawCard } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";
import { countQueries } from "../query-count-fixture.ts";

const PATH = "/v1/payments/batch";

/** A fault an item may have, with what its result says; `param` is below the item. */
const faults = [
  { item: paymentBody({ amount: 0 }), status: 400, code: "invalid_request", param: ".amount" },
  { item: paymentBody({ currency: undefined }), status: 400, code: "invalid_request", param: ".currency" },
  { item: paymentBody({ currency: "ZZZ" }), status: 422, code: "unsupported_currency", param: ".currency" },
  {
    item: paymentBody({ payment_method: "pm_nobody" }),
    status: 422,
    code: "unknown_payment_method",
    param: ".payment_method",
  },
  {
    item: paymentBody({ payment_method: rawCard() }),
    status: 400,
    code: "invalid_request",
    param: ".payment_method",
  },
  { item: "a text", status: 400, code: "invalid_request", param: "" },
  { item: null, status: 400, code: "invalid_request", param: "" },
] as const;

type Result = {
  readonly status: number;
  readonly payment?: { readonly id: string; readonly reference: string };
  readonly error?: { readonly code: string; readonly param: string; readonly type: string; readonly status: number };
};

describe("POST /v1/payments/batch", () => {
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments();
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  async function paymentsLike(prefix: string): Promise<readonly string[]> {
    const { rows } = await fixture.pool.query("select id from payments where reference like $1 order by reference", [
      `${prefix}%`,
    ]);
    return rows.map(({ id }) => `pay_${id.replaceAll("-", "")}`);
  }

  it("200 for 1,000 items: a result for each in their order, faults by themselves, all the rest stored and completed", async () => {
    const batch = fresh("batch");
    const payments = Array.from({ length: 1000 }, (_, index) => {
      const fault = index % 10 === 3 ? faults[((index - 3) / 10) % faults.length] : undefined;
      return fault === undefined ? paymentBody({ amount: index + 1, reference: nameOf(batch, index) }) : fault.item;
    });
    const answer = await api.post(PATH, { payments });
    assert.equal(answer.status, 200);
    const results: Result[] = answer.body.results;
    assert.equal(results.length, 1000);
    results.forEach((result, index) => {
      const fault = index % 10 === 3 ? faults[((index - 3) / 10) % faults.length] : undefined;
      if (fault === undefined) {
        assert.deepEqual([result.status, result.payment?.reference], [202, nameOf(batch, index)]);
        return;
      }
      const { status, error } = result;
      assert.deepEqual(
        [status, error?.code, error?.param, error?.status, error?.type],
        [fault.status, fault.code, `payments.${index}${fault.param}`, fault.status, `urn:kassa:error:${fault.code}`],
      );
    });
    const made = results.flatMap(({ payment }) => payment?.id ?? []);
    assert.equal(made.length, 900);
    assert.deepEqual(await paymentsLike(batch), made);
    await eventually(async () => {
      const { rows } = await fixture.pool.query(
        "select from payments where reference like $1 and status = 'completed'",
        [`${batch}%`],
      );
      return rows.length === made.length;
    }, 60_000);
  });

  it("200 commits all the valid items and the stored answer together: nobody ever sees a part of them", async () => {
    const batch = fresh("batch");
    const key = fresh("key");
    const payments = Array.from({ length: 200 }, (_, index) => paymentBody({ reference: nameOf(batch, index) }));
    const seen = new Set<string>();
    const look = async () => {
      const { rows } = await fixture.pool.query(
        `select (select count(*) from payments where reference like $1) as payments,
           (select count(*) from idempotency_keys where key = $2) as answers`,
        [`${batch}%`, key],
      );
      seen.add(`${rows[0].payments} payments, ${rows[0].answers} answers`);
      return seen.size > 1;
    };
    await look();
    await Promise.all([api.post(PATH, { payments }, { key }), eventually(look)]);
    await look();
    assert.deepEqual([...seen], ["0 payments, 0 answers", "200 payments, 1 answers"]);
  });

  it("200 replays the whole answer, faults included, and 422 for another batch under the key", async () => {
    const batch = fresh("batch");
    const key = fresh("key");
    const payments = [paymentBody({ reference: batch }), paymentBody({ amount: -1 })];
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post(PATH, { payments }, { key })));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true").length, 19);
    assert.equal((await paymentsLike(batch)).length, 1);
    const other = await api.post(PATH, { payments: payments.toReversed() }, { key });
    assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
  });

  it("200: of a unique reference named twice in a batch the first item gets it, the other reference_taken", async () => {
    const reference = fresh("order");
    const unique = paymentBody({ reference, reference_unique: true });
    const { body } = await api.post(PATH, { payments: [unique, paymentBody(), unique] });
    assert.deepEqual(outcomes(body.results), [202, 202, "reference_taken payments.2.reference"]);
    assert.equal((await paymentsLike(reference)).length, 1);
    const across = await api.post(PATH, { payments: [paymentBody(), unique] });
    assert.deepEqual(outcomes(across.body.results), [202, "reference_taken payments.1.reference"]);
    const alone = await api.post("/v1/payments", unique);
    assert.deepEqual([alone.status, alone.body.code], [409, "reference_taken"]);
  });

  it("200: of many references that are taken all are found at once, not one with each commit", async () => {
    const batch = fresh("batch");
    const payments = Array.from({ length: 300 }, (_, index) =>
      paymentBody({ reference: nameOf(batch, index), reference_unique: true }),
    );
    const ids = (await api.post(PATH, { payments })).body.results.map(({ payment }: Result) => payment?.id);
    await Promise.all(ids.map((id: string) => api.until(id, "completed")));
    const commits = countQueries("commit_items");
    const again = await api.post(PATH, { payments: [...payments, paymentBody()] });
    const { total } = commits.stop();
    const expected = payments.map((_, index) => `reference_taken payments.${index}.reference`);
    assert.deepEqual(outcomes(again.body.results), [...expected, 202]);
    assert.ok(total < 30, `${total} commits`);
  });

  it("200: two batches at once over the same unique references give each to one of them", async () => {
    const batch = fresh("batch");
    const payments = Array.from({ length: 20 }, (_, index) =>
      paymentBody({ reference: nameOf(batch, index), reference_unique: true }),
    );
    const answers = await Promise.all(
      [payments, payments.toReversed()].map((each) => api.post(PATH, { payments: each })),
    );
    const all = answers.flatMap(({ body }) => outcomes(body.results));
    assert.equal(all.filter((outcome) => outcome === 202).length, 20);
    assert.equal((await paymentsLike(batch)).length, 20);
  });

  it("400 for no items, more than 1,000 and no list", async () => {
    const tooMany = Array.from({ length: 1001 }, () => paymentBody());
    for (const payments of [[], tooMany, "all", undefined]) {
      const answer = await api.post(PATH, { payments });
      assert.deepEqual([answer.status, answer.body.code, answer.body.param], [400, "invalid_request", "payments"]);
    }
  });

  it("503 while the provider cannot tell of a token: nothing is stored and the key works later", async () => {
    const url = await fixture.startApi({ ACQUIRER_URL: "http://127.0.0.1:9" });
    const key = fresh("key");
    const reference = fresh("order");
    const body = JSON.stringify({ payments: [paymentBody({ reference })] });
    const headers = {
      authorization: `Bearer ${fixture.merchant.key}`,
      "content-type": "application/json",
      "idempotency-key": key,
    };
    assert.equal((await fetch(url + PATH, { method: "POST", headers, body })).status, 503);
    assert.equal((await paymentsLike(reference)).length, 0);
    const later = await api.post(PATH, body, { key });
    assert.deepEqual([later.status, later.headers.get("idempotent-replayed")], [200, null]);
  });
});

function nameOf(batch: string, index: number): string {
  return `${batch}-${String(index).padStart(4, "0")}`;
}

function outcomes(results: readonly Result[]): readonly (number | string)[] {
  return results.map(({ status, error }) => (error === undefined ? status : `${error.code} ${error.param}`));
}
