import assert from "node:assert/strict";
import { test } from "node:test";
import { measure, median, meetsAim, rounded } from "./measure.ts";

test("a figure that is missing or zero is an error, not a result", () => {
  assert.throws(() => measure("accept.x", [0, "payments/s"], ["floor", 10]));
  assert.throws(() => measure("accept.x", [10, "payments/s"], ["floor", Number.NaN]));
});

test("an aim is held against the ratio or the value, in either direction", () => {
  const found = (aim: "ratio >= 0.5" | "ratio <= 0.5" | "value >= 3000" | "value <= 50") =>
    meetsAim(measure("accept.x", [60, "payments/s"], ["floor", 100], { aim }));
  assert.equal(found("ratio >= 0.5"), true);
  assert.equal(found("ratio <= 0.5"), false);
  assert.equal(found("value >= 3000"), false);
  assert.equal(found("value <= 50"), false);
  assert.equal(meetsAim(measure("accept.x", [60, "payments/s"], ["floor", 100])), undefined);
});

test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), RangeError);
});

test("figures keep four digits, and all of them before the decimal point", () => {
  assert.equal(rounded(12_345.678), 12_346);
  assert.equal(rounded(0.123456), 0.1235);
});
