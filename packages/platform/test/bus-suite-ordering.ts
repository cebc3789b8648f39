/** What every group sees, and in which order. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type BusFixture, numbered, numbersOf, range, until } from "./bus-fixture.ts";

export function orderingTests(fixture: BusFixture): void {
  it("delivers a message unchanged", async () => {
    const topic = await fixture.newTopic(2);
    const message = {
      key: 'ключ "1"',
      value: '{"a":"\\u0000 {x,\\"y\\"} \\\\ é"}',
      headers: { traceparent: "00-a-b-01" },
    };
    await fixture.publish(topic, [message, { key: "", value: "null", headers: {} }]);
    const { seen, subscription } = await fixture.collect(topic, { group: "unchanged" });
    await until(() => seen.length === 2, "two messages");
    const got = seen.find(({ key }) => key === message.key);
    assert.deepEqual({ key: got?.key, value: got?.value, headers: { ...got?.headers } }, message);
    assert.equal(got?.topic, topic);
    assert.match(got?.offset ?? "", /^\d+$/);
    await subscription.stop();
  });

  it("keeps the order within a key over many publishes", async () => {
    const topic = await fixture.newTopic(3);
    const publisher = await fixture.bus.publisher("order");
    const { seen, subscription } = await fixture.collect(topic, {
      group: "order",
      handle: () => sleep(Math.random() * 3),
    });
    // Not awaited one by one: the order of calls counts.
    await Promise.all(
      range(20).map((call) =>
        publisher.publish(
          topic,
          range(10).map((i) => numbered(i, call)),
        ),
      ),
    );
    await until(() => seen.length === 200, "200 messages");
    for (const i of range(10)) assert.deepEqual(numbersOf(seen, i), range(20));
    await subscription.stop();
    await publisher.close();
  });

  it("does not let a slow message hold up other keys of its partition", async () => {
    const topic = await fixture.newTopic(1);
    const slow = Promise.withResolvers<void>();
    const { seen, subscription } = await fixture.collect(topic, {
      group: "slow",
      handle: async ({ key }) => (key === "key-0" ? await slow.promise : undefined),
    });
    await fixture.publish(
      topic,
      range(100).map((i) => numbered(i, 0)),
    );
    await fixture.publish(
      topic,
      range(100).map((i) => numbered(i, 1)),
    );
    await until(() => seen.length === 199, "everything but the second message of the slow key");
    assert.deepEqual(numbersOf(seen, 0), [0]);
    assert.ok((await subscription.lag()) >= 200, "nothing behind the slow message is acknowledged");
    slow.resolve();
    await until(() => seen.length === 200, "the rest");
    assert.deepEqual(numbersOf(seen, 0), [0, 1]);
    await until(async () => (await subscription.lag()) === 0, "no lag");
    await subscription.stop();
  });

  it("hands out no more than the window and goes on when there is room", async () => {
    const topic = await fixture.newTopic(4);
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
    };
    await fixture.publish(
      topic,
      range(200).map((i) => numbered(i, 0)),
    );
    const { seen, subscription } = await fixture.collect(topic, { group: "window", window: 7, handle });
    await until(() => seen.length === 7, "a full window");
    await sleep(500);
    assert.equal(seen.length, 7);
    gate.resolve();
    await until(() => seen.length === 200, "all messages");
    assert.equal(most, 7);
    await subscription.stop();
  });

  it("gives every message to each group", async () => {
    const topic = await fixture.newTopic(2);
    await fixture.publish(
      topic,
      range(50).map((i) => numbered(i, 0)),
    );
    const groups = await Promise.all(["one", "two"].map((name) => fixture.collect(topic, { group: `each-${name}` })));
    await until(() => groups.every(({ seen }) => seen.length === 50), "both groups");
    await Promise.all(groups.map(({ subscription }) => subscription.stop()));
  });

  it("counts what a group has not acknowledged", async () => {
    const topic = await fixture.newTopic(3);
    const { subscription } = await fixture.collect(topic, { group: "lag" });
    await until(async () => (await subscription.lag()) === 0, "no lag");
    await subscription.stop();
    await fixture.publish(
      topic,
      range(30).map((i) => numbered(i, 0)),
    );
    const lag = await subscription.lag();
    // Kafka counts the marker of the transaction in each partition, too.
    assert.ok(lag >= 30 && lag <= 33, `a lag of ${lag}`);
    const again = await fixture.collect(topic, { group: "lag" });
    await until(async () => (await again.subscription.lag()) === 0, "no lag");
    assert.equal(again.seen.length, 30);
    await again.subscription.stop();
  });
}
