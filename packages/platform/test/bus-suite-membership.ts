/** Members that stop, die, hang, come and go. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, Delivered } from "@kassa/platform/bus";
import { assertInOrder, type BusFixture, numbered, numbersOf, range, until } from "./bus-fixture.ts";

export function membershipTests(fixture: BusFixture): void {
  it("delivers again what a member left unacknowledged when it stopped", async () => {
    const topic = await fixture.newTopic(1);
    await fixture.publish(
      topic,
      range(10).map((i) => numbered(i, 0)),
    );
    const stuck = () => new Promise<void>(() => undefined);
    const first = await fixture.collect(topic, {
      group: "left",
      drainMs: 100,
      handle: async ({ key }) => (key === "key-4" ? await stuck() : undefined),
    });
    await until(() => first.seen.length === 10, "ten messages");
    await first.subscription.stop();
    const second = await fixture.collect(topic, { group: "left" });
    await until(() => second.seen.length >= 6, "the unacknowledged message and those behind it");
    assert.deepEqual(
      second.seen.map(({ key }) => key),
      range(6).map((i) => `key-${i + 4}`),
    );
    await second.subscription.stop();
  });

  it("delivers to another member what a killed process had in flight", async () => {
    const topic = await fixture.newTopic(2);
    const doomed = await fixture.startMember({ group: "killed", topic, finishAfterMs: undefined });
    await fixture.publish(
      topic,
      range(20).map((i) => numbered(i, 0)),
    );
    await until(() => doomed.seen.length === 20, "the child to have all messages in flight");
    await doomed.end("SIGKILL");
    const { seen, subscription } = await fixture.collect(topic, { group: "killed" });
    await until(() => seen.length === 20, "all messages again");
    await subscription.stop();
  });

  it("takes the partitions of a member that hangs, and refuses its late acknowledgements", async () => {
    const topic = await fixture.newTopic(2);
    const frozen = await fixture.startMember({ group: "frozen", topic, finishAfterMs: 300 });
    await fixture.publish(
      topic,
      range(6).flatMap((call) => range(4).map((i) => numbered(i, call))),
    );
    await until(() => frozen.seen.length > 0, "the child to handle");
    frozen.child.kill("SIGSTOP");
    const { seen, subscription } = await fixture.collect(topic, { group: "frozen" });
    await until(() => range(4).every((i) => numbersOf(seen, i).at(-1) === 5), "everything taken over");
    await until(async () => (await subscription.lag()) === 0, "no lag");
    frozen.child.kill("SIGCONT");
    // Its handlers return now. Were their acknowledgements accepted, the group would be set back to them.
    const untilMs = performance.now() + 2_500;
    while (performance.now() < untilMs) {
      assert.equal(await subscription.lag(), 0);
      await sleep(50);
    }
    for (const i of range(4)) assertInOrder(numbersOf(seen, i));
    await frozen.end("SIGKILL");
    await subscription.stop();
  });

  it("spreads the partitions over the members as they come and go, and keeps the order of keys", async () => {
    const topic = await fixture.newTopic(6);
    const publisher = await fixture.bus.publisher("rebalance");
    const pods = await Promise.all([fixture.openBus(), fixture.openBus(), fixture.openBus()]);
    const log: { member: number; message: Delivered }[] = [];
    const join = (member: number) =>
      (pods[member] as Bus).subscribe({
        group: "rebalance",
        topics: [topic],
        async handle(message) {
          await sleep(Math.random() * 4);
          log.push({ member, message });
        },
      });
    let published = 0;
    let publishing = true;
    const flow = (async () => {
      for (; publishing; published += 1) {
        await publisher.publish(
          topic,
          range(12).map((i) => numbered(i, published)),
        );
        await sleep(20);
      }
    })();
    const members = [await join(0)];
    const handling = (wanted: readonly number[]) => async () => {
      const from = log.length;
      await sleep(200);
      const active = new Set(log.slice(from).map(({ member }) => member));
      return wanted.length === active.size && wanted.every((member) => active.has(member));
    };
    await until(handling([0]), "the first member to handle");
    members.push(await join(1), await join(2));
    await until(handling([0, 1, 2]), "three members to share");
    await members[1]?.stop();
    await until(handling([0, 2]), "the others to take over");
    publishing = false;
    await flow;
    const seen = log.map(({ message }) => message);
    const lasts = () =>
      range(12).every(
        (i) =>
          numbersOf(
            log.map(({ message }) => message),
            i,
          ).at(-1) ===
          published - 1,
      );
    await until(lasts, "every key to reach its end");
    assert.ok(seen.length > 0);
    for (const i of range(12)) {
      const numbers = numbersOf(
        log.map(({ message }) => message),
        i,
      );
      assertInOrder(numbers);
      assert.deepEqual(
        [...new Set(numbers)].sort((a, b) => a - b),
        range(published),
        "none is missing",
      );
    }
    await Promise.all(pods.map((pod) => pod.close()));
    await publisher.close();
  });
}
