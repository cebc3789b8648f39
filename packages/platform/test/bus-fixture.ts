/** What the parts of the suite share. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, Delivered, Message, SubscribeOptions, Subscription } from "@kassa/platform/bus";
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

/** One broker and one bus for all tests of an adapter; each test makes its own topics and groups. */
export class BusFixture {
  #broker: Broker | undefined;
  #bus: Bus | undefined;
  #topics = 0;

  get broker(): Broker {
    assert.ok(this.#broker);
    return this.#broker;
  }

  get bus(): Bus {
    assert.ok(this.#bus);
    return this.#bus;
  }

  async open(startBroker: () => Promise<Broker>): Promise<void> {
    this.#broker = await startBroker();
    this.#bus = await openBus(this.#broker.spec);
  }

  async close(): Promise<void> {
    await this.#bus?.close();
    await this.#broker?.stop();
  }

  /** Like another pod's. */
  openBus(): Promise<Bus> {
    return openBus(this.broker.spec);
  }

  async newTopic(partitions: number): Promise<string> {
    this.#topics += 1;
    const name = `topic-${this.#topics}`;
    await this.bus.ensureTopics([{ name, partitions }]);
    return name;
  }

  async publish(topic: string, messages: readonly Message[]): Promise<void> {
    const publisher = await this.bus.publisher("suite");
    await publisher.publish(topic, messages);
    await publisher.close();
  }

  /** Collects what a group gets. */
  async collect(
    topic: string,
    options: Partial<SubscribeOptions> & { group: string },
  ): Promise<{ seen: Delivered[]; subscription: Subscription }> {
    const seen: Delivered[] = [];
    const handle = async (message: Delivered) => {
      seen.push(message);
      await options.handle?.(message);
    };
    const subscription = await this.bus.subscribe({ topics: [topic], ...options, handle });
    return { seen, subscription };
  }

  async startMember(order: Omit<MemberOrder, "spec">) {
    const child = fork(join(import.meta.dirname, "bus-member.ts"), [
      JSON.stringify({ ...order, spec: this.broker.spec }),
    ]);
    const seen: { key: string; value: string }[] = [];
    child.on("message", (message) => seen.push(message as { key: string; value: string }));
    const end = async (signal: NodeJS.Signals) => {
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
    };
    return { child, seen, end };
  }
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

export function numbered(key: number, number: number): Message {
  return { key: `key-${key}`, value: JSON.stringify({ number }), headers: { number: String(number) } };
}

export function numbersOf(seen: readonly Delivered[], key: number): number[] {
  return seen.filter((message) => message.key === `key-${key}`).map(({ value }) => JSON.parse(value).number as number);
}

/** Redelivery repeats a stretch, but never skips: each number is at most one more than the highest before it. */
export function assertInOrder(numbers: readonly number[]): void {
  let highest = (numbers[0] ?? 0) - 1;
  for (const number of numbers) {
    assert.ok(number <= highest + 1, `${number} after ${highest} in ${numbers.join(" ")}`);
    highest = Math.max(highest, number);
  }
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) assert.fail(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await sleep(20);
  }
}
