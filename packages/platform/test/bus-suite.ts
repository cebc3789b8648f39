/** What every adapter of the bus guarantees. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Bus,
  BusUnavailable,
  type Delivered,
  deadLetterTopic,
  type Message,
  PoisonMessage,
  PublisherFenced,
  type SubscribeOptions,
  Transient,
} from "@kassa/platform/bus";
import type { MemberOrder } from "./bus-member.ts";
import { type BusSpec, openBus } from "./bus-open.ts";

export type Broker = {
  readonly spec: BusSpec;
  /** SIGKILL. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

const PATIENCE_MS = 30_000;
/** A publish may take no longer than this to reject, whatever is away: the limit in the specs of the tests and some. */
const PROMPT_MS = 8_000;

export function busSuite(adapter: string, startBroker: () => Promise<Broker>): void {
  describe(`bus on ${adapter}`, { timeout: 240_000 }, () => {
    let broker: Broker;
    let bus: Bus;
    let topics = 0;

    before(async () => {
      broker = await startBroker();
      bus = await openBus(broker.spec);
    });
    after(async () => {
      await bus?.close();
      await broker?.stop();
    });

    async function newTopic(partitions: number): Promise<string> {
      topics += 1;
      const name = `topic-${topics}`;
      await bus.ensureTopics([{ name, partitions }]);
      return name;
    }

    async function publish(topic: string, messages: readonly Message[]): Promise<void> {
      const publisher = await bus.publisher("suite");
      await publisher.publish(topic, messages);
      await publisher.close();
    }

    /** Collects what one group gets. */
    async function collect(topic: string, options: Partial<SubscribeOptions> & { group: string }, from = bus) {
      const seen: Delivered[] = [];
      const handle = async (message: Delivered) => {
        seen.push(message);
        await options.handle?.(message);
      };
      const subscription = await from.subscribe({ topics: [topic], ...options, handle });
      return { seen, subscription };
    }

    it("creates a topic once, however many pods ask at once, and refuses another number of partitions", async () => {
      const pods = await Promise.all([openBus(broker.spec), openBus(broker.spec), openBus(broker.spec)]);
      const wanted = [{ name: "asked-at-once", partitions: 3 }];
      await Promise.all(pods.map((pod) => pod.ensureTopics(wanted)));
      await bus.ensureTopics(wanted);
      await assert.rejects(bus.ensureTopics([{ name: "asked-at-once", partitions: 4 }]), RangeError);
      await Promise.all(pods.map((pod) => pod.close()));
    });

    it("delivers a message unchanged", async () => {
      const topic = await newTopic(2);
      const message = {
        key: 'ключ "1"',
        value: '{"a":"\\u0000 {x,\\"y\\"} \\\\ é"}',
        headers: { traceparent: "00-a-b-01" },
      };
      await publish(topic, [message, { key: "", value: "null", headers: {} }]);
      const { seen, subscription } = await collect(topic, { group: "unchanged" });
      await until(() => seen.length === 2, "two messages");
      const got = seen.find(({ key }) => key === message.key);
      assert.deepEqual({ key: got?.key, value: got?.value, headers: { ...got?.headers } }, message);
      assert.equal(got?.topic, topic);
      assert.match(got?.offset ?? "", /^\d+$/);
      await subscription.stop();
    });

    it("keeps the order within a key over many publishes", async () => {
      const topic = await newTopic(3);
      const publisher = await bus.publisher("order");
      const { seen, subscription } = await collect(topic, { group: "order", handle: () => sleep(Math.random() * 3) });
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
      const topic = await newTopic(1);
      const slow = Promise.withResolvers<void>();
      const { seen, subscription } = await collect(topic, {
        group: "slow",
        handle: async ({ key }) => (key === "key-0" ? await slow.promise : undefined),
      });
      await publish(
        topic,
        range(100).map((i) => numbered(i, 0)),
      );
      await publish(
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
      const topic = await newTopic(4);
      let running = 0;
      let most = 0;
      const gate = Promise.withResolvers<void>();
      const handle = async () => {
        running += 1;
        most = Math.max(most, running);
        await gate.promise;
        running -= 1;
      };
      await publish(
        topic,
        range(200).map((i) => numbered(i, 0)),
      );
      const { seen, subscription } = await collect(topic, { group: "window", window: 7, handle });
      await until(() => seen.length === 7, "a full window");
      await sleep(500);
      assert.equal(seen.length, 7);
      gate.resolve();
      await until(() => seen.length === 200, "all messages");
      assert.equal(most, 7);
      await subscription.stop();
    });

    it("delivers again what a member left unacknowledged when it stopped", async () => {
      const topic = await newTopic(1);
      await publish(
        topic,
        range(10).map((i) => numbered(i, 0)),
      );
      const stuck = () => new Promise<void>(() => undefined);
      const first = await collect(topic, {
        group: "left",
        drainMs: 100,
        handle: async ({ key }) => (key === "key-4" ? await stuck() : undefined),
      });
      await until(() => first.seen.length === 10, "ten messages");
      await first.subscription.stop();
      const second = await collect(topic, { group: "left" });
      await until(() => second.seen.length >= 6, "the unacknowledged message and those behind it");
      assert.deepEqual(
        second.seen.map(({ key }) => key),
        range(6).map((i) => `key-${i + 4}`),
      );
      await second.subscription.stop();
    });

    it("delivers to another member what a killed process had in flight", async () => {
      const topic = await newTopic(2);
      const doomed = await startMember({ spec: broker.spec, group: "killed", topic, finishAfterMs: undefined });
      await publish(
        topic,
        range(20).map((i) => numbered(i, 0)),
      );
      await until(() => doomed.seen.length === 20, "the child to have all messages in flight");
      await doomed.end("SIGKILL");
      const { seen, subscription } = await collect(topic, { group: "killed" });
      await until(() => seen.length === 20, "all messages again");
      await subscription.stop();
    });

    it("takes the partitions of a member that hangs, and refuses its late acknowledgements", async () => {
      const topic = await newTopic(2);
      const frozen = await startMember({ spec: broker.spec, group: "frozen", topic, finishAfterMs: 300 });
      await publish(
        topic,
        range(6).flatMap((call) => range(4).map((i) => numbered(i, call))),
      );
      await until(() => frozen.seen.length > 0, "the child to handle");
      frozen.child.kill("SIGSTOP");
      const stuck = Promise.withResolvers<void>();
      const { seen, subscription } = await collect(topic, {
        group: "frozen",
        handle: async ({ value }) => (JSON.parse(value).number === 5 ? await stuck.promise : undefined),
      });
      await until(() => range(4).every((i) => numbersOf(seen, i).at(-1) === 5), "everything taken over, in order");
      frozen.child.kill("SIGCONT");
      await sleep(2_500);
      // Had its acknowledgements counted, the lag would have vanished while the last handlers are still running.
      assert.ok((await subscription.lag()) > 0);
      stuck.resolve();
      await until(async () => (await subscription.lag()) === 0, "no lag");
      for (const i of range(4)) assertInOrder(numbersOf(seen, i));
      await frozen.end("SIGKILL");
      await subscription.stop();
    });

    it("gives every message to each group", async () => {
      const topic = await newTopic(2);
      await publish(
        topic,
        range(50).map((i) => numbered(i, 0)),
      );
      const groups = await Promise.all(["one", "two"].map((name) => collect(topic, { group: `each-${name}` })));
      await until(() => groups.every(({ seen }) => seen.length === 50), "both groups");
      await Promise.all(groups.map(({ subscription }) => subscription.stop()));
    });

    it("spreads the partitions over the members as they come and go, and keeps the order of keys", async () => {
      const topic = await newTopic(6);
      const publisher = await bus.publisher("rebalance");
      const pods = await Promise.all([openBus(broker.spec), openBus(broker.spec), openBus(broker.spec)]);
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

    it("moves a poison message to the dead-letter topic at once and goes on", async () => {
      const topic = await newTopic(1);
      await publish(topic, [numbered(1, 0), numbered(2, 0), numbered(1, 1)]);
      const { seen, subscription } = await collect(topic, {
        group: "poison",
        handle: async ({ key }) => {
          if (key === "key-2") throw new PoisonMessage("no such merchant");
        },
      });
      const dead = await collect(deadLetterTopic(topic), { group: "undertaker" });
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
      const topic = await newTopic(1);
      await publish(topic, [numbered(1, 0), numbered(1, 1)]);
      const failures: string[] = [];
      const { seen, subscription } = await collect(topic, {
        group: "failing",
        maxAttempts: 3,
        backoffMs: 10,
        handle: async ({ value }) => {
          if (JSON.parse(value).number === 0) throw new Error("a bug");
        },
        onFailure: ({ attempts, next }) => failures.push(`${attempts} ${next.kind}`),
      });
      const dead = await collect(deadLetterTopic(topic), { group: "undertaker" });
      await until(() => dead.seen.length === 1 && seen.length === 4, "three attempts and the next message");
      assert.deepEqual(numbersOf(seen, 1), [0, 0, 0, 1]);
      assert.deepEqual(failures, ["1 retry", "2 retry", "3 dead-letter"]);
      assert.equal(dead.seen[0]?.headers["dead-letter-attempts"], "3");
      await Promise.all([subscription.stop(), dead.subscription.stop()]);
    });

    it("retries a transient failure for as long as it lasts", async () => {
      const topic = await newTopic(1);
      await publish(topic, [numbered(1, 0)]);
      let away = true;
      const { seen, subscription } = await collect(topic, {
        group: "transient",
        maxAttempts: 2,
        backoffMs: 5,
        maxBackoffMs: 20,
        handle: async () => {
          if (away) throw new Transient("the database is away");
        },
      });
      const dead = await collect(deadLetterTopic(topic), { group: "undertaker" });
      await until(() => seen.length > 10, "many attempts");
      away = false;
      await until(async () => (await subscription.lag()) === 0, "no lag");
      assert.equal(dead.seen.length, 0);
      await Promise.all([subscription.stop(), dead.subscription.stop()]);
    });

    it("fences every older publisher of a name", async () => {
      const topic = await newTopic(2);
      const pods = await Promise.all([openBus(broker.spec), openBus(broker.spec)]);
      const older = await (pods[0] as Bus).publisher("relay");
      await older.publish(topic, [numbered(0, 0)]);
      const newer = await (pods[1] as Bus).publisher("relay");
      await assert.rejects(older.publish(topic, [numbered(1, 0)]), PublisherFenced);
      await newer.publish(topic, [numbered(2, 0)]);
      await assert.rejects(older.publish(topic, [numbered(1, 0)]), PublisherFenced);
      await newer.publish(topic, [numbered(3, 0)]);
      const { seen, subscription } = await collect(topic, { group: "fencing" });
      await until(() => seen.length === 3, "three messages");
      await sleep(300);
      assert.deepEqual(seen.map(({ key }) => key).sort(), ["key-0", "key-2", "key-3"]);
      await subscription.stop();
      await Promise.all(pods.map((pod) => pod.close()));
    });

    it("publishes to several topics in one step, or to none", async () => {
      const [one, two] = [await newTopic(1), await newTopic(1)];
      const publisher = await bus.publisher("several");
      const both = [
        { ...numbered(0, 0), topic: one },
        { ...numbered(0, 1), topic: two },
      ];
      await publisher.publishAll(both);
      await assert.rejects(publisher.publishAll([...both, { ...numbered(0, 2), topic: "nowhere" }]), RangeError);
      await assert.rejects(publisher.publishAll([...both, { ...numbered(0, 2), topic: two, value: "\0" }]), RangeError);
      const group = await Promise.all([one, two].map((topic) => collect(topic, { group: `several-${topic}` })));
      await until(() => group.every(({ seen }) => seen.length === 1), "one message each");
      await sleep(300);
      assert.deepEqual(
        group.map(({ seen }) => seen.length),
        [1, 1],
      );
      await Promise.all(group.map(({ subscription }) => subscription.stop()));
      await publisher.close();
    });

    it("counts what a group has not acknowledged", async () => {
      const topic = await newTopic(3);
      const { subscription } = await collect(topic, { group: "lag" });
      await until(async () => (await subscription.lag()) === 0, "no lag");
      await subscription.stop();
      await publish(
        topic,
        range(30).map((i) => numbered(i, 0)),
      );
      const lag = await subscription.lag();
      // Kafka counts the marker of the transaction in each partition, too.
      assert.ok(lag >= 30 && lag <= 33, `a lag of ${lag}`);
      const again = await collect(topic, { group: "lag" });
      await until(async () => (await again.subscription.lag()) === 0, "no lag");
      assert.equal(again.seen.length, 30);
      await again.subscription.stop();
    });

    it("rejects promptly while the broker is away, and recovers by itself", async () => {
      const topic = await newTopic(2);
      const publisher = await bus.publisher("outage");
      const { seen, subscription } = await collect(topic, { group: "outage" });
      await publisher.publish(topic, [numbered(0, 0)]);
      await until(() => seen.length === 1, "the first message");
      await broker.kill();
      for (const round of range(2)) {
        const startMs = performance.now();
        await assert.rejects(publisher.publish(topic, [numbered(1, round)]), BusUnavailable);
        assert.ok(performance.now() - startMs < PROMPT_MS, "within a bounded time");
      }
      await broker.restart();
      await until(
        async () => await publisher.publish(topic, [numbered(2, 0)]).then(() => true, rethrowUnlessAway),
        "to publish",
      );
      await until(() => seen.some(({ key }) => key === "key-2"), "the message after the outage");
      await until(async () => (await subscription.lag()) === 0, "no lag");
      await subscription.stop();
      await publisher.close();
    });
  });
}

function rethrowUnlessAway(error: unknown): false {
  if (error instanceof BusUnavailable) return false;
  throw error;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function numbered(key: number, number: number): Message {
  return { key: `key-${key}`, value: JSON.stringify({ number }), headers: { number: String(number) } };
}

function numbersOf(seen: readonly Delivered[], key: number): number[] {
  return seen.filter((message) => message.key === `key-${key}`).map(({ value }) => JSON.parse(value).number as number);
}

/** Redelivery repeats a stretch, but never skips: each number is at most one more than the highest before it. */
function assertInOrder(numbers: readonly number[]): void {
  let highest = (numbers[0] ?? 0) - 1;
  for (const number of numbers) {
    assert.ok(number <= highest + 1, `${number} after ${highest} in ${numbers.join(" ")}`);
    highest = Math.max(highest, number);
  }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) assert.fail(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await sleep(20);
  }
}

async function startMember(order: MemberOrder) {
  const child = fork(join(import.meta.dirname, "bus-member.ts"), [JSON.stringify(order)]);
  const seen: { key: string; value: string }[] = [];
  child.on("message", (message) => seen.push(message as { key: string; value: string }));
  const end = async (signal: NodeJS.Signals) => {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  return { child, seen, end };
}
