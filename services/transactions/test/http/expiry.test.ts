import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ManualClock } from "@kassa/kernel/clock";
import type { Api } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

const DAY_MS = 24 * 3_600_000;
const LIFETIME_MS = 7 * DAY_MS;

describe("authorizations expire after 7 days", () => {
  const clock = new ManualClock(Date.now());
  let fixture: PaymentsFixture;
  let api: Api;
  before(async () => {
    fixture = await startPayments({ clock });
    api = fixture.merchant.api;
  });
  after(() => fixture.stop());

  async function authorized(): Promise<string> {
    const { body } = await api.pay({ capture: "manual" });
    assert.equal(body.status, "authorized");
    assert.equal(Date.parse(body.expires_at), clock.now() + LIFETIME_MS);
    return body.id;
  }

  it("not a moment earlier, and then by themselves: voided, with nothing charged; what was captured stays", async () => {
    const [idle, captured] = [await authorized(), await authorized()];
    await api.post(`/v1/payments/${captured}/capture`, {}, { waitS: 20 });
    clock.advance(LIFETIME_MS - 1);
    await sleep(300);
    assert.equal((await api.get(`/v1/payments/${idle}`)).body.status, "authorized");
    clock.advance(1);
    const { body } = await api.until(idle, "canceled");
    assert.equal(body.amount_captured, 0);
    const { body: events } = await api.get(`/v1/payments/${idle}/events`);
    assert.equal(events.data.at(-1).type, "payment.canceled");
    assert.equal(events.data.at(-1).data.reason, "expired");
    assert.equal((await api.get(`/v1/payments/${captured}`)).body.status, "completed");
    assert.equal((await fixture.settlement()).length, 1);
  });

  it("a capture on the last day is taken", async () => {
    const id = await authorized();
    clock.advance(LIFETIME_MS - 1000);
    const { body } = await api.post(`/v1/payments/${id}/capture`, {}, { waitS: 20 });
    assert.equal(body.status, "completed");
    clock.advance(DAY_MS);
    await sleep(300);
    assert.equal((await api.get(`/v1/payments/${id}`)).body.status, "completed");
  });

  it("no timer is left behind by what ended before", async () => {
    const id = await authorized();
    await api.post(`/v1/payments/${id}/cancel`, {}, { waitS: 20 });
    const { rows } = await fixture.pool.query("select from timers where payment_id = $1", [id.slice(4)]);
    assert.equal(rows.length, 0);
  });
});
