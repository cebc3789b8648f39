import assert from "node:assert/strict";
import { it } from "node:test";
import type { Outgoing } from "./bus.ts";
import { BusUnavailable } from "./bus-unavailable.ts";
import { PublishLane } from "./publish-lane.ts";

function message(key: string): Outgoing {
  return { topic: "t", key, value: "{}", headers: {} };
}

function setUp(options: { maxBatch?: number; maxQueued?: number; timeoutMs?: number } = {}) {
  const flushes: string[][] = [];
  const outcomes: PromiseWithResolvers<void>[] = [];
  const lane = new PublishLane({
    maxBatch: 3,
    maxQueued: 5,
    timeoutMs: 10_000,
    ...options,
    flush: async (messages) => {
      flushes.push(messages.map(({ key }) => key));
      const outcome = Promise.withResolvers<void>();
      outcomes.push(outcome);
      await outcome.promise;
    },
  });
  return { lane, flushes, outcomes };
}

it("flushes one at a time, what arrives meanwhile together, calls in order and never split", async () => {
  const { lane, flushes, outcomes } = setUp();
  const first = lane.publish([message("1")]);
  await Promise.resolve();
  const others = [["2", "3"], ["4", "5"], ["6"]].map((keys) => lane.publish(keys.map(message)));
  assert.deepEqual(flushes, [["1"]]);
  outcomes[0]?.resolve();
  await first;
  await new Promise(setImmediate);
  outcomes[1]?.resolve();
  await others[0];
  await new Promise(setImmediate);
  outcomes[2]?.resolve();
  await Promise.all(others);
  assert.deepEqual(flushes, [["1"], ["2", "3"], ["4", "5", "6"]]);
});

it("refuses what does not fit into its queue", async () => {
  const { lane, outcomes } = setUp();
  const first = lane.publish([message("1")]);
  await Promise.resolve();
  const waiting = lane.publish(["2", "3", "4"].map(message));
  await assert.rejects(lane.publish(["5", "6", "7"].map(message)), BusUnavailable);
  outcomes[0]?.resolve();
  await first;
  await new Promise(setImmediate);
  outcomes[1]?.resolve();
  await waiting;
});

it("rejects after the timeout, and does not flush a call that nobody waits for", async () => {
  const { lane, flushes, outcomes } = setUp({ timeoutMs: 20 });
  await Promise.all([
    assert.rejects(lane.publish([message("1")]), BusUnavailable),
    Promise.resolve().then(() => assert.rejects(lane.publish([message("2")]), BusUnavailable)),
  ]);
  outcomes[0]?.resolve();
  await lane.close();
  assert.deepEqual(flushes, [["1"]]);
});

it("refuses messages that no broker could store, before they can fail others", async () => {
  const { lane, flushes } = setUp();
  await assert.rejects(lane.publish([{ ...message("1"), value: "\0" }]), RangeError);
  await assert.rejects(lane.publish([message("k".repeat(1_025))]), RangeError);
  assert.deepEqual(flushes, []);
});
