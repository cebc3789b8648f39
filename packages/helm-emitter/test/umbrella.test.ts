import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import Type from "typebox";
import {
  type Chart,
  chart,
  chartFiles,
  defineChart,
  type JsonObject,
  kubeObject,
  printf,
  release,
  subchartValues,
  synthesize,
  text,
  textTemplate,
  toJson,
  valuesRef,
} from "../src/index.ts";
import { proveChart } from "../src/proof/index.ts";

const partValues = Type.Object({
  size: Type.Integer({ default: 1, minimum: 0, maximum: 9, description: "how large" }),
  labels: Type.Record(Type.String(), Type.String(), { default: { tier: "back", team: "a" } }),
  nested: Type.Object({
    kept: Type.String({ default: "kept" }),
    taken: Type.Optional(Type.String({ default: "taken" })),
  }),
});

function seen(schema: Parameters<typeof valuesRef>[0], name: string) {
  const v = valuesRef(schema);
  return kubeObject({
    apiVersion: "v1",
    kind: "Seen",
    metadata: { name: text`${chart.name}-${name}`, namespace: release.namespace },
    values: toJson(v),
  });
}

const part = defineChart({
  name: "part",
  version: "0.1.0",
  appVersion: "1",
  description: "A part.",
  values: partValues,
  files: [{ path: "templates/seen.yaml", documents: [seen(partValues, "part")] }],
  generator: "a test",
});

const wholeValues = Type.Object({
  colour: Type.String({ default: "red", description: "of all" }),
  part: subchartValues(part, { size: 2, labels: { team: null as never, own: "x" } }),
  other: subchartValues(part, { enabled: false }),
});

const whole = defineChart({
  name: "whole",
  version: "0.1.0",
  appVersion: "1",
  description: "All parts.",
  values: wholeValues,
  files: [{ path: "templates/seen.yaml", documents: [seen(wholeValues, "whole")] }],
  dependencies: [{ chart: part }, { chart: part, alias: "other" }],
  generator: "a test",
});

const cases: readonly (readonly [string, JsonObject])[] = [
  ["defaults", {}],
  ["the other on", { other: { enabled: true, size: 3 } }],
  ["the part off", { part: { enabled: false } }],
  ["globals", { global: { a: { b: 1 }, c: [1] }, part: { global: { a: { b: 2, d: 3 }, e: "f" } } }],
  ["deep values", { part: { labels: { tier: "front" }, nested: { kept: "changed" } } }],
  ["a default of the subchart taken away", { part: { nested: { taken: null }, labels: { tier: null } } }],
  ["a default of the parent taken away", { part: { size: null } }],
  ["null for nothing", { part: { labels: { none: null } } }],
];

const kinds = (chartOf: Chart, values: JsonObject) =>
  synthesize(chartOf, { values }).map(({ metadata }) => metadata.name);

describe("a chart of charts", () => {
  it("renders the subcharts that are switched on, under their names or aliases", () => {
    assert.deepEqual(kinds(whole, {}), ["part-part", "whole-whole"]);
    assert.deepEqual(kinds(whole, { other: { enabled: true }, part: { enabled: false } }), [
      "other-part",
      "whole-whole",
    ]);
  });

  it("names its dependencies with repository, condition and alias", () => {
    assert.match(
      chartFiles(whole).get("Chart.yaml") ?? "",
      /dependencies:\n {2}- name: part\n {4}version: 0.1.0\n {4}repository: file:\/\/..\/part\n {4}condition: part.enabled\n {2}- name: part\n.*\n.*\n {4}condition: other.enabled\n {4}alias: other/,
    );
  });

  it("refuses two named templates of one name that differ: Helm would use one for both", () => {
    const greeting = (words: string) => textTemplate("part.greeting", "Says it.", printf("%s", words));
    const inner = { ...part, templates: [greeting("hello")] };
    const outer = { ...whole, dependencies: [{ chart: inner }], templates: [greeting("good day")] };
    assert.throws(() => defineChart(outer), /two named templates are part.greeting and differ/);
    assert.ok(defineChart({ ...outer, templates: [greeting("hello")] }));
  });
});

if (requirePart("helm", hasHelm())) {
  describe("a chart of charts in Helm", () => {
    it("merges values, globals and nulls as we do", async () => {
      await proveChart({
        chart: whole,
        helm: helmProgram(),
        cases: [
          ...cases.map(([name, values]) => ({ name, values, mayRefuse: true })),
          { name: "a subchart's own schema", values: { part: { size: 10 } }, refusal: /part:.*size/s },
        ],
      });
    });
  });
}
