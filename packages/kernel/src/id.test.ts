import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePublicId, publicId, uuidTimeMs, uuidv7 } from "./id.ts";

test("a UUIDv7 carries its instant, its version and its variant", () => {
  const now = Date.UTC(2026, 10, 21, 9, 58, 0, 123);
  const uuid = uuidv7(now);
  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(uuidTimeMs(uuid), now);
});

test("ids of later milliseconds sort after earlier ones, and none repeats", () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => uuidv7(1_700_000_000_000 + Math.floor(i / 100)));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok((ids[0] ?? "") < (ids[19_999] ?? ""));
  assert.throws(() => uuidv7(-1), RangeError);
});

test("a public id turns back into its UUID, and nothing else does", () => {
  const uuid = uuidv7(1_700_000_000_000);
  assert.equal(parsePublicId("payment", publicId("payment", uuid)), uuid);
  assert.equal(parsePublicId("refund", publicId("payment", uuid)), undefined);
  assert.equal(parsePublicId("payment", "pay_XYZ"), undefined);
});
