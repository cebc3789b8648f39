import assert from "node:assert/strict";
import { test } from "node:test";
import { arrayLiteral, instant } from "./literals.ts";

test("ids, numbers and instants are written as they are, nothing as NULL", () => {
  assert.equal(arrayLiteral([1, 2n, undefined, null], false), "{1,2,NULL,NULL}");
  assert.equal(arrayLiteral([], false), "{}");
});

test("text is quoted whatever it holds", () => {
  assert.equal(
    arrayLiteral(["a", 'b"c', "d\\e", "{x,y}", "NULL", "", null], true),
    '{"a","b\\"c","d\\\\e","{x,y}","NULL","",NULL}',
  );
});

test("an instant is RFC 3339 in UTC with milliseconds, whichever came before", () => {
  const times = [0, 1, 0, 1_700_000_000_123].map(instant);
  assert.deepEqual(times, [
    "1970-01-01T00:00:00.000Z",
    "1970-01-01T00:00:00.001Z",
    "1970-01-01T00:00:00.000Z",
    "2023-11-14T22:13:20.123Z",
  ]);
});
