/** Topics and publishers. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, PublisherFenced } from "@kassa/platform/bus";
import { type BusFixture, numbered, until } from "./bus-fixture.ts";

export function publishingTests(fixture: BusFixture): void {
  it("creates a topic once, however many pods ask at once, and refuses another number of partitions", async () => {
    const pods = await Promise.all([fixture.openBus(), fixture.openBus(), fixture.openBus()]);
    const wanted = [{ name: "asked-at-once", partitions: 3 }];
    await Promise.all(pods.map((pod) => pod.ensureTopics(wanted)));
    await fixture.bus.ensureTopics(wanted);
    await assert.rejects(fixture.bus.ensureTopics([{ name: "asked-at-once", partitions: 4 }]), RangeError);
    await Promise.all(pods.map((pod) => pod.close()));
  });

  it("fences every older publisher of a name", async () => {
    const topic = await fixture.newTopic(2);
    const pods = await Promise.all([fixture.openBus(), fixture.openBus()]);
    const older = await (pods[0] as Bus).publisher("relay");
    await older.publish(topic, [numbered(0, 0)]);
    const newer = await (pods[1] as Bus).publisher("relay");
    await assert.rejects(older.publish(topic, [numbered(1, 0)]), PublisherFenced);
    await newer.publish(topic, [numbered(2, 0)]);
    await assert.rejects(older.publish(topic, [numbered(1, 0)]), PublisherFenced);
    await newer.publish(topic, [numbered(3, 0)]);
    const { seen, subscription } = await fixture.collect(topic, { group: "fencing" });
    await until(() => seen.length === 3, "three messages");
    await sleep(300);
    assert.deepEqual(seen.map(({ key }) => key).sort(), ["key-0", "key-2", "key-3"]);
    await subscription.stop();
    await Promise.all(pods.map((pod) => pod.close()));
  });

  it("publishes to several topics in one step, or to none", async () => {
    const [one, two] = [await fixture.newTopic(1), await fixture.newTopic(1)];
    const publisher = await fixture.bus.publisher("several");
    const both = [
      { ...numbered(0, 0), topic: one },
      { ...numbered(0, 1), topic: two },
    ];
    await publisher.publishAll(both);
    await assert.rejects(publisher.publishAll([...both, { ...numbered(0, 2), topic: "nowhere" }]), RangeError);
    await assert.rejects(publisher.publishAll([...both, { ...numbered(0, 2), topic: two, value: "\0" }]), RangeError);
    const group = await Promise.all([one, two].map((topic) => fixture.collect(topic, { group: `several-${topic}` })));
    await until(() => group.every(({ seen }) => seen.length === 1), "one message each");
    await sleep(300);
    assert.deepEqual(
      group.map(({ seen }) => seen.length),
      [1, 1],
    );
    await Promise.all(group.map(({ subscription }) => subscription.stop()));
    await publisher.close();
  });
}
