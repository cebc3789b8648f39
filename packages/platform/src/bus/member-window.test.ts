import assert from "node:assert/strict";
import { it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Delivered } from "./bus.ts";
import { MemberWindow } from "./member-window.ts";
import { PartitionWindow } from "./partition-window.ts";

type Running = { readonly message: Delivered; readonly finish: (settled?: boolean) => void };

function setUp(options: { window: number; reach?: number; partitions: number }) {
  const running: Running[] = [];
  let allowed = true;
  const member = new MemberWindow({
    window: options.window,
    reach: options.reach ?? 1_000,
    mayStart: () => allowed,
    onProgress: () => undefined,
    settle: (message) =>
      new Promise((resolve) => running.push({ message, finish: (settled = true) => resolve(settled) })),
  });
  const partitions = Array.from({ length: options.partitions }, (_, i) => new PartitionWindow("t", i, 0));
  for (const partition of partitions) member.assign(partition);
  const allow = (value: boolean) => {
    allowed = value;
    member.advance();
  };
  return { member, partitions: partitions as [PartitionWindow, ...PartitionWindow[]], running, allow };
}

function fill(partition: PartitionWindow, keys: readonly string[]): void {
  const from = partition.fetched;
  const messages = keys.map((key, i) => ({
    topic: "t",
    partition: partition.partition,
    offset: String(from + i),
    key,
    value: "",
    headers: {},
  }));
  partition.add(messages, from + keys.length);
}

const many = Array.from({ length: 100 }, (_, i) => `k${i}`);

it("gives the whole window but the others' reserve to one partition, and the reserve to them", () => {
  const { member, partitions, running } = setUp({ window: 16, partitions: 4 });
  fill(partitions[0], many);
  member.advance();
  assert.equal(running.length, 8 + 2);
  for (const other of partitions.slice(1)) fill(other, many);
  member.advance();
  assert.equal(running.length, 16);
  assert.deepEqual(
    partitions.map(({ unfinished }) => unfinished),
    [10, 2, 2, 2],
  );
});

it("never goes further than its reach beyond the oldest unfinished message", async () => {
  const { member, partitions, running } = setUp({ window: 10, reach: 5, partitions: 1 });
  fill(partitions[0], many);
  member.advance();
  assert.equal(running.length, 5);
  for (const { finish } of running.slice(1)) finish();
  await turn();
  assert.equal(running.length, 5);
  assert.equal(partitions[0].finishedUpTo, 0);
  running[0]?.finish();
  await turn();
  assert.equal(partitions[0].finishedUpTo, 5);
  assert.equal(running.length, 10);
});

it("has one message of a key in flight, and acknowledges up to the lowest contiguous one", async () => {
  const { member, partitions, running } = setUp({ window: 10, partitions: 1 });
  fill(partitions[0], ["a", "a", "b", "c"]);
  member.advance();
  assert.deepEqual(
    running.map(({ message }) => message.offset),
    ["0", "2", "3"],
  );
  running[1]?.finish();
  await turn();
  assert.equal(partitions[0].finishedUpTo, 0);
  running[0]?.finish();
  await turn();
  assert.equal(partitions[0].finishedUpTo, 1);
  assert.deepEqual(
    running.map(({ message }) => message.offset),
    ["0", "2", "3", "1"],
  );
  running[3]?.finish();
  running[2]?.finish();
  await turn();
  assert.equal(partitions[0].finishedUpTo, 4);
});

it("starts nothing while the member is not sure of its partitions, and everything that waited afterwards", async () => {
  const { member, partitions, running, allow } = setUp({ window: 10, partitions: 1 });
  fill(partitions[0], ["a", "a", "b"]);
  member.advance();
  allow(false);
  for (const { finish } of running) finish();
  fill(partitions[0], ["c"]);
  member.advance();
  await turn();
  assert.equal(running.length, 2);
  allow(true);
  assert.deepEqual(
    running.slice(2).map(({ message }) => message.key),
    ["a", "c"],
  );
});

it("starts nothing of a partition taken away, gives its room to the others and waits for what is in flight", async () => {
  const { member, partitions, running } = setUp({ window: 4, partitions: 2 });
  const [lost, kept] = partitions as [PartitionWindow, PartitionWindow];
  fill(lost, ["a", "a", "b"]);
  member.advance();
  assert.equal(member.unfinished, 3);
  member.revoke(lost);
  fill(kept, many);
  member.advance();
  assert.equal(running.length, 4, "two in flight of the lost one, two of the other");
  let idle = false;
  const waiting = lost.idle(10_000).then(() => {
    idle = true;
  });
  running[0]?.finish();
  await turn();
  assert.equal(idle, false);
  running[1]?.finish();
  await waiting;
  assert.equal(lost.finishedUpTo, 1);
  assert.ok(running.every(({ message }) => message.partition === 1 || message.offset !== "1"));
  assert.equal(kept.unfinished, 4);
});

it("does not acknowledge a message that was given up", async () => {
  const { member, partitions, running } = setUp({ window: 4, partitions: 1 });
  fill(partitions[0], ["a", "b"]);
  member.advance();
  member.revoke(partitions[0]);
  running[0]?.finish(false);
  running[1]?.finish(true);
  await turn();
  assert.equal(partitions[0].finishedUpTo, 0);
});

it("leaves out messages it already has", () => {
  const partition = new PartitionWindow("t", 0, 0);
  fill(partition, ["a", "b"]);
  partition.add([{ topic: "t", partition: 0, offset: "1", key: "b", value: "", headers: {} }], 2);
  assert.equal(partition.waiting, 2);
});
