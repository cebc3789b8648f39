import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { generateClient } from "./generate-client.ts";

test("the TypeScript client is what the OpenAPI document says today", () => {
  const committed = readFileSync(new URL("../packages/client/src/kassa-client.ts", import.meta.url), "utf8");
  assert.equal(committed, generateClient(), "run node scripts/generate-client.ts");
});
