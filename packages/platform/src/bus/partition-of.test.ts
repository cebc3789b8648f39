import assert from "node:assert/strict";
import { it } from "node:test";
import { partitionOf } from "./partition-of.ts";

it("never changes: messages are stored by it", () => {
  assert.deepEqual(
    ["", "a", "pay_0190aaaa00007000800000000000000a", "ключ"].map((key) => partitionOf(key, 1_000)),
    [923, 715, 79, 672],
  );
});

it("spreads keys evenly", () => {
  const counts = new Array<number>(12).fill(0);
  for (let i = 0; i < 12_000; i += 1)
    counts[partitionOf(`key-${i}`, 12)] = (counts[partitionOf(`key-${i}`, 12)] ?? 0) + 1;
  for (const count of counts) assert.ok(count > 850 && count < 1_150, `${count} of 12,000 keys`);
});
