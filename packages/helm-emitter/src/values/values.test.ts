import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type from "typebox";
import { parse } from "yaml";
import { defaultValues, mergeValues, subchartValues, valuesJsonSchema, valuesTable, valuesYaml } from "../index.ts";

const schema = Type.Object({
  image: Type.Object(
    {
      tag: Type.Optional(Type.String({ description: "default: the chart's appVersion", examples: ["1.2.3"] })),
      pullPolicy: Type.Enum(["Always", "Never"], { default: "Always" }),
    },
    { description: "the image" },
  ),
  level: Type.Union([Type.Literal("a"), Type.Literal("b|c")], { default: "a", description: "how\nmuch" }),
  labels: Type.Record(Type.String(), Type.String(), { description: "more labels" }),
  env: Type.Array(Type.Object({ name: Type.String() }), { default: [{ name: "yes" }], description: "environment" }),
  count: Type.Integer({ minimum: 1, maximum: 3, default: 2 }),
  extra: Type.Optional(
    Type.Object({ active: Type.Boolean({ default: true, description: "switch" }) }, { description: "more" }),
  ),
  free: Type.Object({}, { additionalProperties: true, default: { a: { b: [1] } } }),
  host: Type.String({ description: "must be given" }),
});

describe("values", () => {
  it("have the defaults of the schema, without what is optional or must be given", () => {
    assert.deepEqual(defaultValues(schema), {
      image: { pullPolicy: "Always" },
      level: "a",
      labels: {},
      env: [{ name: "yes" }],
      count: 2,
      free: { a: { b: [1] } },
    });
  });

  it("are printed in the schema's order with descriptions, what has no default as a comment", () => {
    const text = valuesYaml(schema, "Written by a test.");
    assert.deepEqual(parse(text), defaultValues(schema));
    assert.equal(
      text,
      `# Written by a test.

# -- the image
image:
  # -- default: the chart's appVersion
  # tag: "1.2.3"
  pullPolicy: Always

# -- how much
level: a

# -- more labels
labels: {}

# -- environment
env:
  - name: "yes"

count: 2

# -- more
# extra:
#   # -- switch
#   active: true

free:
  a:
    b:
      - 1

# -- must be given
# host: ""
`,
    );
  });

  it("have a schema that knows every key, enabled and an open global, and maps with free keys", () => {
    const json = valuesJsonSchema(schema, [{ if: {} }]) as Record<string, never>;
    assert.deepEqual(json.properties, {
      enabled: { type: "boolean", description: "read by the parent chart when this one is a subchart" },
      global: {
        type: "object",
        description: "values that a parent chart shares with all of its charts",
        additionalProperties: true,
      },
      image: {
        type: "object",
        required: ["pullPolicy"],
        description: "the image",
        additionalProperties: false,
        properties: {
          tag: { type: "string", description: "default: the chart's appVersion", examples: ["1.2.3"] },
          pullPolicy: { enum: ["Always", "Never"], default: "Always" },
        },
      },
      level: { enum: ["a", "b|c"], default: "a", description: "how\nmuch" },
      labels: { type: "object", description: "more labels", additionalProperties: { type: "string" } },
      env: {
        type: "array",
        items: {
          type: "object",
          required: ["name"],
          properties: { name: { type: "string" } },
          additionalProperties: false,
        },
        default: [{ name: "yes" }],
        description: "environment",
      },
      count: { type: "integer", minimum: 1, maximum: 3, default: 2 },
      extra: {
        type: "object",
        required: ["active"],
        properties: { active: { type: "boolean", default: true, description: "switch" } },
        additionalProperties: false,
        description: "more",
      },
      free: { type: "object", properties: {}, additionalProperties: true, default: { a: { b: [1] } } },
      host: { type: "string", description: "must be given" },
    });
    assert.equal(json.additionalProperties, false);
    assert.deepEqual(json.allOf, [{ if: {} }]);
    assert.equal(json.$schema, "http://json-schema.org/draft-07/schema#");
  });

  it("have a table of every key with its type, default and description", () => {
    assert.equal(
      valuesTable(schema),
      `| Key | Type | Default | Description |
| --- | --- | --- | --- |
| \`image.tag\` | string |  | default: the chart's appVersion |
| \`image.pullPolicy\` | \`Always\` or \`Never\` | \`"Always"\` |  |
| \`level\` | \`a\` or \`b\\|c\` | \`"a"\` | how much |
| \`labels\` | map of string | \`{}\` | more labels |
| \`env\` | list of object | \`[{"name":"yes"}]\` | environment |
| \`count\` | integer 1 to 3 | \`2\` |  |
| \`extra\` | object |  | more |
| \`extra.active\` | boolean | \`true\` | switch |
| \`free\` | object | \`{"a":{"b":[1]}}\` |  |
| \`host\` | string |  | must be given |`,
    );
  });

  it("merge as Helm's do: maps deeply, lists and scalars whole, null takes a default away", () => {
    const defaults = { a: { b: 1, c: { d: 2 } }, list: [1, 2], gone: 1, sub: { x: 1 } };
    const given = { a: { c: { d: null, e: 3 } }, list: [], gone: null, none: null, sub: { x: null } };
    assert.deepEqual(mergeValues(defaults, given, ["sub"]), {
      a: { b: 1, c: { e: 3 } },
      list: [],
      none: null,
      sub: { x: null },
    });
  });

  it("of a subchart are open but for the switch", () => {
    const part = subchartValues({ name: "part", description: "A part." }, { size: 2 });
    assert.deepEqual(defaultValues(Type.Object({ part })), { part: { enabled: true, size: 2 } });
    assert.match(
      valuesYaml(Type.Object({ part }), "x"),
      /part:\n {2}# -- install part\n {2}enabled: true\n {2}size: 2\n/,
    );
  });
});
