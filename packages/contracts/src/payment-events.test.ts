import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type EventSchemas, incompatibilities, type JsonSchema } from "./incompatibilities.ts";
import { paymentEventSchemas } from "./payment-events.ts";

const released = JSON.parse(readFileSync(new URL("../released/payment-events.json", import.meta.url), "utf8")) as {
  readonly release: string;
  readonly events: EventSchemas;
};
const current = JSON.parse(JSON.stringify(paymentEventSchemas)) as EventSchemas;

test("every event that the last release wrote is an event of this one, and its consumers can read what we write", () => {
  assert.deepEqual(incompatibilities(released.events, current), []);
});

test("the last release's schemas are there: its number and every event type that it knew", () => {
  assert.match(released.release, /^\d+\.\d+\.\d+$/);
  assert.ok(Object.keys(released.events).length >= 16);
});

const method: JsonSchema = {
  type: "object",
  required: ["token"],
  properties: { token: { type: "string", maxLength: 128 }, last4: { type: "string" } },
  additionalProperties: false,
};
const base: JsonSchema = {
  type: "object",
  required: ["amount", "capture"],
  properties: {
    amount: { type: "integer", minimum: 1, maximum: 100 },
    capture: { anyOf: [{ const: "automatic" }, { const: "manual" }] },
    reasons: { type: "array", items: { type: "string" }, maxItems: 5 },
    metadata: { type: "object", patternProperties: { "^.*$": { type: "string", maxLength: 500 } } },
    payment_method: method,
  },
  additionalProperties: false,
};

/** The base with one member of it replaced; undefined takes it away. */
function withMember(name: string, schema: JsonSchema | undefined): JsonSchema {
  const { [name]: _, ...others } = base.properties as Record<string, JsonSchema>;
  return { ...base, properties: schema === undefined ? others : { ...others, [name]: schema } };
}

function compareWith(now: JsonSchema): string[] {
  return incompatibilities({ "coin.tossed": base }, { "coin.tossed": now });
}

const compatible: Record<string, JsonSchema> = {
  "nothing changed": base,
  "an optional member came": withMember("note", { type: "string" }),
  "a description changed": withMember("amount", {
    type: "integer",
    minimum: 1,
    maximum: 100,
    description: "Minor units",
  }),
  "a bound became wider": withMember("amount", { type: "integer", minimum: 0, maximum: 1_000 }),
  "a bound went": withMember("reasons", { type: "array", items: { type: "string" } }),
  "an optional member came, deeper": withMember("payment_method", {
    ...method,
    properties: { ...(method.properties as object), brand: { type: "string" } },
  }),
};

for (const [change, now] of Object.entries(compatible)) {
  test(`compatible: ${change}`, () => assert.deepEqual(compareWith(now), []));
}

const incompatible: Record<string, { readonly now: JsonSchema; readonly said: RegExp }> = {
  "a member was removed": { now: withMember("reasons", undefined), said: /\.reasons was removed/ },
  "a required member came": {
    now: { ...withMember("note", { type: "string" }), required: ["amount", "capture", "note"] },
    said: /\.note is required now/,
  },
  "an optional member became required": {
    now: { ...base, required: ["amount", "capture", "reasons"] },
    said: /\.reasons is required now/,
  },
  "a required member became optional": { now: { ...base, required: ["amount"] }, said: /\.capture may be missing now/ },
  "a type changed": { now: withMember("amount", { type: "string" }), said: /\.amount: type was "integer"/ },
  "a maximum fell": {
    now: withMember("amount", { type: "integer", minimum: 1, maximum: 99 }),
    said: /\.amount: maximum was 100 and is 99/,
  },
  "a minimum rose": {
    now: withMember("amount", { type: "integer", minimum: 2, maximum: 100 }),
    said: /\.amount: minimum was 1 and is 2/,
  },
  "a bound came": {
    now: withMember("reasons", { type: "array", items: { type: "string", maxLength: 9 }, maxItems: 5 }),
    said: /\.reasons\[\]: maxLength was free and is 9/,
  },
  "a pattern came": {
    now: withMember("payment_method", {
      ...method,
      properties: { ...(method.properties as object), last4: { type: "string", pattern: "^[0-9]{4}$" } },
    }),
    said: /\.payment_method\.last4: pattern/,
  },
  "an alternative went": {
    now: withMember("capture", { anyOf: [{ const: "manual" }] }),
    said: /2 alternatives and has 1/,
  },
  "an alternative came": {
    now: withMember("capture", { anyOf: [{ const: "automatic" }, { const: "manual" }, { const: "later" }] }),
    said: /2 alternatives and has 3/,
  },
  "an alternative changed": {
    now: withMember("capture", { anyOf: [{ const: "automatic" }, { const: "by_hand" }] }),
    said: /\.capture\|2: const was "manual"/,
  },
  "the values of a record were narrowed": {
    now: withMember("metadata", { type: "object", patternProperties: { "^.*$": { type: "string", maxLength: 100 } } }),
    said: /maxLength was 500 and is 100/,
  },
  "an open object was closed": {
    now: withMember("metadata", {
      ...(withMember("x", {}).properties as { metadata: JsonSchema }).metadata,
      additionalProperties: false,
    }),
    said: /\.metadata: additionalProperties was free and is false/,
  },
};

for (const [change, { now, said }] of Object.entries(incompatible)) {
  test(`incompatible: ${change}`, () => assert.match(compareWith(now).join("\n"), said));
}

test("an event type that went is named; one that came is welcome", () => {
  assert.deepEqual(incompatibilities({ "coin.tossed": base }, { "coin.found": base }), ["coin.tossed was removed"]);
  assert.deepEqual(incompatibilities({}, { "coin.found": base }), []);
});
