import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OpenApiSchema, reachable, strictSchema } from "./strict-schema.ts";

const text = { type: "string" };

const conversions: readonly (readonly [title: string, from: OpenApiSchema, to: object])[] = [
  [
    "refuses fields that are not named",
    { type: "object", properties: { a: { type: "string", description: "of a" } }, required: ["a"] },
    { type: "object", required: ["a"], properties: { a: text }, additionalProperties: false },
  ],
  [
    "takes any field where the API preserves them",
    { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    { type: "object", additionalProperties: true },
  ],
  [
    "takes any key of a map, and holds its values",
    { type: "object", additionalProperties: { type: "string", default: "" } },
    { type: "object", additionalProperties: text },
  ],
  [
    "follows references, alone or wrapped for a description",
    {
      type: "array",
      items: { allOf: [{ $ref: "#/components/schemas/io.k8s.Port" }], default: {}, description: "a port" },
    },
    { type: "array", items: { $ref: "#/$defs/io.k8s.Port" } },
  ],
  [
    "takes a number or a text where the API takes both",
    { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, text], pattern: "^[0-9]+%?$" },
    { type: ["integer", "string"], pattern: "^[0-9]+%?$" },
  ],
  [
    "takes null where the API does",
    { type: "integer", nullable: true, format: "int32" },
    { type: ["integer", "null"] },
  ],
  [
    "leaves the branches of a choice open: they name only what they restrict",
    { type: "object", properties: { a: text }, oneOf: [{ required: ["a"] }, { properties: { a: { enum: ["b"] } } }] },
    {
      type: "object",
      properties: { a: text },
      additionalProperties: false,
      oneOf: [{ required: ["a"] }, { properties: { a: { enum: ["b"] } } }],
    },
  ],
  [
    "has no status",
    { type: "object", properties: { spec: text, status: text } },
    { type: "object", properties: { spec: text }, additionalProperties: false },
  ],
];

describe("strictSchema", () => {
  for (const [title, from, to] of conversions) it(title, () => assert.deepEqual(strictSchema(from), to));
});

describe("reachable", () => {
  const definitions = {
    a: { properties: { b: { $ref: "#/$defs/b" } } },
    b: { items: { $ref: "#/$defs/a" } },
    c: { type: "string" },
  };

  it("finds what a definition leads to, in circles too, and nothing else", () => {
    assert.deepEqual(reachable("a", definitions), ["a", "b"]);
  });

  it("refuses a reference to nothing", () => {
    assert.throws(() => reachable("d", definitions), /no definition d/);
  });
});
