import assert from "node:assert/strict";
import { test } from "node:test";
import { renderServerSettings } from "./server-settings.ts";

test("without overrides every commit is durable and only this machine can connect", () => {
  const text = renderServerSettings(5432);
  for (const line of ["fsync = 'on'", "synchronous_commit = 'on'", "listen_addresses = '127.0.0.1'", "port = '5432'"]) {
    assert.ok(text.includes(line), line);
  }
});

test("an override replaces the line of the same name, and cannot smuggle in a second one", () => {
  const text = renderServerSettings(5432, { fsync: "off", work_mem: "it's" });
  assert.equal(text.match(/^fsync = /gm)?.length, 1);
  assert.ok(text.includes("fsync = 'off'") && text.includes("work_mem = 'it''s'"));
  assert.throws(() => renderServerSettings(5432, { work_mem: "1\nport = 1" }), RangeError);
  assert.throws(() => renderServerSettings(5432, { "work_mem = 1 #": "1" }), RangeError);
});
