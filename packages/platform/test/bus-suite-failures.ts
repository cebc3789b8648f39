/** Handlers that fail, and a broker that is away. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { BusUnavailable, deadLetterTopic, PoisonMessage, Transient } from "@kassa/platform/bus";
import { type BusFixture, numbered, numbersOf, range, until } from "./bus-fixture.ts";

/** A publish may take no longer to reject: the limit in the specs of the tests and some. */
const PROMPT_MS = 8_000;

export function failuresTests(fixture: BusFixture): void {
  it("moves a poison message to the dead-letter topic at once and goes on", async () => {
    const topic = await fixture.newTopic(1);
    await fixture.publish(topic, [numbered(1, 0), numbered(2, 0), numbered(1, 1)]);
    const { seen, subscription } = await fixture.collect(topic, {
      group: "poison",
      handle: async ({ key }) => {
        if (key === "key-2") throw new PoisonMessage("no such merchant");
      },
    });
    const dead = await fixture.collect(deadLetterTopic(topic), { group: "undertaker" });
    await until(() => dead.seen.length === 1 && seen.length === 3, "the dead letter");
    const [letter] = dead.seen;
    const original = seen.find(({ key }) => key === "key-2");
    assert.equal(letter?.value, original?.value);
    assert.deepEqual(
      { ...letter?.headers },
      {
        number: "0",
        "dead-letter-topic": topic,
        "dead-letter-partition": "0",
        "dead-letter-offset": original?.offset,
        "dead-letter-group": "poison",
        "dead-letter-error": "PoisonMessage: no such merchant",
        "dead-letter-attempts": "1",
      },
    );
    await until(async () => (await subscription.lag()) === 0, "no lag");
    await Promise.all([subscription.stop(), dead.subscription.stop()]);
  });

  it("tries a failing message a bounded number of times, in its turn, then dead-letters it", async () => {
    const topic = await fixture.newTopic(1);
    await fixture.publish(topic, [numbered(1, 0), numbered(1, 1)]);
    const failures: string[] = [];
    const { seen, subscription } = await fixture.collect(topic, {
      group: "failing",
      maxAttempts: 3,
      backoffMs: 10,
      handle: async ({ value }) => {
        if (JSON.parse(value).number === 0) throw new Error("a bug");
      },
      onFailure: ({ attempts, next }) => failures.push(`${attempts} ${next.kind}`),
    });
    const dead = await fixture.collect(deadLetterTopic(topic), { group: "undertaker" });
    await until(() => dead.seen.length === 1 && seen.length === 4, "three attempts and the next message");
    assert.deepEqual(numbersOf(seen, 1), [0, 0, 0, 1]);
    assert.deepEqual(failures, ["1 retry", "2 retry", "3 dead-letter"]);
    assert.equal(dead.seen[0]?.headers["dead-letter-attempts"], "3");
    await Promise.all([subscription.stop(), dead.subscription.stop()]);
  });

  it("retries a transient failure for as long as it lasts", async () => {
    const topic = await fixture.newTopic(1);
    await fixture.publish(topic, [numbered(1, 0)]);
    let away = true;
    const { seen, subscription } = await fixture.collect(topic, {
      group: "transient",
      maxAttempts: 2,
      backoffMs: 5,
      maxBackoffMs: 20,
      handle: async () => {
        if (away) throw new Transient("the database is away");
      },
    });
    const dead = await fixture.collect(deadLetterTopic(topic), { group: "undertaker" });
    await until(() => seen.length > 10, "many attempts");
    away = false;
    await until(async () => (await subscription.lag()) === 0, "no lag");
    assert.equal(dead.seen.length, 0);
    await Promise.all([subscription.stop(), dead.subscription.stop()]);
  });

  it("rejects promptly while the broker is away, and recovers by itself", async () => {
    const topic = await fixture.newTopic(2);
    const publisher = await fixture.bus.publisher("outage");
    const { seen, subscription } = await fixture.collect(topic, { group: "outage" });
    await publisher.publish(topic, [numbered(0, 0)]);
    await until(() => seen.length === 1, "the first message");
    await fixture.broker.kill();
    for (const round of range(2)) {
      const startMs = performance.now();
      await assert.rejects(publisher.publish(topic, [numbered(1, round)]), BusUnavailable);
      assert.ok(performance.now() - startMs < PROMPT_MS, "within a bounded time");
    }
    await fixture.broker.restart();
    await until(
      async () => await publisher.publish(topic, [numbered(2, 0)]).then(() => true, rethrowUnlessAway),
      "to publish",
    );
    await until(() => seen.some(({ key }) => key === "key-2"), "the message after the outage");
    await until(async () => (await subscription.lag()) === 0, "no lag");
    await subscription.stop();
    await publisher.close();
  });
}

function rethrowUnlessAway(error: unknown): false {
  if (error instanceof BusUnavailable) return false;
  throw error;
}
