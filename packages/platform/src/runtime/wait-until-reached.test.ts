import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import Type from "typebox";
import { createLogger } from "../log/index.ts";
import { defineService, type Need, NotReached, startService } from "./index.ts";

const log = createLogger({ service: "test", level: "silent" });

class Away extends Error {}
const isOfAway = (error: unknown) => error instanceof Away;

/** A service that needs something which fails `failures` times before it answers. */
function needing(
  failures: number,
  error: Error = new Away("connection refused"),
  isAway: Need<number>["isAway"] = isOfAway,
) {
  let asked = 0;
  const need: Need<number> = {
    name: "PostgreSQL (DATABASE_URL)",
    isAway,
    async reach() {
      asked += 1;
      if (asked <= failures) throw error;
      return asked;
    },
  };
  const service = defineService({
    name: "needing",
    config: Type.Object({}),
    start: async ({ reach }) => void (await reach(need)),
  });
  return {
    start: (waitMs: number) => startService(service, { env: { START_WAIT_MS: String(waitMs) }, log }),
    asked: () => asked,
  };
}

describe("ServiceContext.reach", () => {
  it("waits, unready and not started, for what is away, and starts when it is there", async () => {
    const { start, asked } = needing(2);
    const running = start(5_000);
    assert.deepEqual([running.isStarted(), running.isReady()], [false, false]);
    await running.ready;
    assert.deepEqual([running.isReady(), asked()], [true, 3]);
    await running.stop();
  });

  it("gives up when START_WAIT_MS are over, and says what was not reached and why", async () => {
    const { start, asked } = needing(Number.POSITIVE_INFINITY);
    const startMs = performance.now();
    await assert.rejects(
      start(250).ready,
      (error) =>
        error instanceof NotReached &&
        error.cause instanceof Away &&
        error.message === "PostgreSQL (DATABASE_URL) was not reached within 250 ms (START_WAIT_MS): connection refused",
    );
    assert.ok(performance.now() - startMs >= 250);
    // After 0, 100 and 251 ms; a busy machine comes late and tries less often.
    assert.ok([2, 3].includes(asked()), `${asked()} tries`);
  });

  it("tries once with START_WAIT_MS=0", async () => {
    const { start, asked } = needing(1);
    await assert.rejects(start(0).ready, NotReached);
    assert.equal(asked(), 1);
  });

  it("does not wait where waiting would not help", async () => {
    const { start, asked } = needing(1, new Error("password authentication failed"));
    await assert.rejects(start(60_000).ready, /password/);
    assert.equal(asked(), 1);
  });

  it("says what each address of a host answered", async () => {
    const ofAddresses = new AggregateError(["::1", "127.0.0.1"].map((address) => new Error(`${address} refused`)));
    const { start } = needing(1, ofAddresses, () => true);
    await assert.rejects(start(0).ready, /START_WAIT_MS\): ::1 refused; 127\.0\.0\.1 refused$/);
  });

  it("stops waiting as soon as the service is stopped", async () => {
    const { start, asked } = needing(Number.POSITIVE_INFINITY);
    const running = start(60_000);
    await sleep(20);
    const startMs = performance.now();
    assert.equal(await running.stop(), true);
    assert.ok(performance.now() - startMs < 1_000);
    await assert.rejects(running.ready, /needing is stopping/);
    assert.equal(asked(), 1);
  });
});
