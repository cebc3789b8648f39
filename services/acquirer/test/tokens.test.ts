import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { TestDatabase } from "@kassa/testing/postgres";
import pg from "pg";
import { createDatabase, type Sandbox, startSandbox } from "./sandbox.ts";

const card = { number: "5555555555554444", exp_month: 3, exp_year: 2090, cvc: "737" };

describe("POST /v1/tokens", () => {
  let sandbox: Sandbox;
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase();
    sandbox = await startSandbox(database);
  });
  after(() => sandbox.stop());

  it("201: a token with what anybody may see of the card", async () => {
    const { status, body } = await sandbox.post("/v1/tokens", { card });
    assert.equal(status, 201);
    const { token, ...seen } = body;
    assert.match(token, /^tok_[0-9a-f]{32}$/);
    assert.deepEqual(seen, {
      brand: "mastercard",
      bin: "555555",
      last4: "4444",
      exp_month: 3,
      exp_year: 2090,
      country: "US",
    });
  });

  it("201: any number with a right check digit is a card", async () => {
    const { status, body } = await sandbox.post("/v1/tokens", { card: { ...card, number: "4539578763621486" } });
    assert.deepEqual([status, body.brand], [201, "visa"]);
  });

  it("201: the number that fraud rules name is the token that they name, however often it comes", async () => {
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await sandbox.post("/v1/tokens", { card: { ...card, number: "4100000000000019" } });
      assert.deepEqual([status, body.token], [201, "pm_card_fraudulent"]);
      assert.deepEqual((await sandbox.get("/v1/tokens/pm_card_fraudulent")).body, body);
    }
  });

  it("400: a wrong check digit, an expired card", async () => {
    for (const [wrong, param] of [
      [{ ...card, number: "5555555555554445" }, "card.number"],
      [{ ...card, exp_year: 2020 }, "card.exp_year"],
    ] as const) {
      const { status, body } = await sandbox.post("/v1/tokens", { card: wrong });
      assert.deepEqual([status, body.code, body.param], [400, "card_invalid", param]);
    }
  });

  it("never stores the number or the CVC", async () => {
    await sandbox.post("/v1/tokens", { card: { ...card, number: "4539578763621486" } });
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    const { rows } = await client.query(
      "select t::text as row, (to_jsonb(t) - 'token' - 'created_at')::text as without_random from tokens t",
    );
    await client.end();
    assert.ok(rows.length > 0);
    for (const { row, without_random } of rows) {
      assert.doesNotMatch(row, /4539578763621486|5555555555554444/);
      // Three digits also turn up in a random token or a time.
      assert.doesNotMatch(without_random, /737/);
    }
  });
});

describe("GET /v1/tokens/{id}", () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox(await createDatabase());
  });
  after(() => sandbox.stop());

  it("200: a stored card and a static token", async () => {
    const { body: made } = await sandbox.post("/v1/tokens", { card });
    assert.deepEqual((await sandbox.get(`/v1/tokens/${made.token}`)).body, made);
    assert.equal((await sandbox.get("/v1/tokens/pm_card_gb")).body.country, "GB");
  });

  it("404: a token nobody has given out", async () => {
    assert.equal((await sandbox.get("/v1/tokens/tok_none")).status, 404);
  });
});
