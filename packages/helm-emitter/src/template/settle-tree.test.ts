import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type from "typebox";
import {
  type Content,
  chartFiles,
  defineChart,
  each,
  kubeObject,
  spread,
  valuesRef,
  when,
  whenObjects,
  whenSet,
} from "../index.ts";

const values = Type.Object({
  a: Type.Boolean({ default: false }),
  b: Type.Boolean({ default: false }),
  list: Type.Array(Type.String()),
  filled: Type.Array(Type.Object({ name: Type.String(), on: Type.Boolean() }), {
    minItems: 1,
    default: [{ name: "x", on: true }],
  }),
});
const v = valuesRef(values);

function printed(spec: Content, around?: Parameters<typeof whenObjects>[0]): string {
  const object = kubeObject({ kind: "Some", apiVersion: "v1", metadata: { name: "some" }, spec });
  const chart = defineChart({
    name: "some",
    version: "1.0.0",
    appVersion: "1",
    description: "Some.",
    values,
    files: [
      { path: "templates/some.yaml", documents: [around === undefined ? object : whenObjects(around, [object])] },
    ],
    generator: "a test",
  });
  const text = chartFiles(chart).get("templates/some.yaml") ?? "";
  return text.slice(text.indexOf("  name: some\n") + "  name: some\n".length).trimEnd();
}

const lines = (...wanted: string[]) => wanted.join("\n");

describe("a mapping or list of which every child is conditional", () => {
  it("hangs under the one condition", () => {
    assert.equal(printed({ x: when(v.a, 1) }), lines("{{- if .Values.a }}", "spec:", "  x: 1", "{{- end }}"));
  });

  it("hangs under the or of several, each of which still guards its own", () => {
    assert.equal(
      printed({ x: when(v.a, 1), q: { z: [when(v.b, 2)] } }),
      lines(
        "{{- if or .Values.a .Values.b }}",
        "spec:",
        "  {{- if .Values.a }}",
        "  x: 1",
        "  {{- end }}",
        "  {{- if .Values.b }}",
        "  q:",
        "    z:",
        "      - 2",
        "  {{- end }}",
        "{{- end }}",
      ),
    );
  });

  it("asks for one condition once", () => {
    assert.equal(
      printed({ x: when(v.a, 1), q: when(v.a, 2) }),
      lines("{{- if .Values.a }}", "spec:", "  x: 1", "  q: 2", "{{- end }}"),
    );
    assert.equal(printed({ x: when(v.a, 1) }, v.a), lines("spec:", "  x: 1", "{{- end }}"));
  });

  it("becomes a block when it is one value from the values", () => {
    assert.equal(
      printed([spread(v.list)]),
      lines("{{- with .Values.list }}", "spec:", "  {{- toYaml . | nindent 2 }}", "{{- end }}"),
    );
    assert.equal(printed(whenSet(v.list)), printed([spread(v.list)]));
  });

  it("needs no condition when one of two is always there, or the schema asks for an item", () => {
    assert.equal(
      printed({ x: when(v.a, 1, 2) }),
      lines("spec:", "  {{- if .Values.a }}", "  x: 1", "  {{- else }}", "  x: 2", "  {{- end }}"),
    );
    assert.equal(
      printed(each(v.filled, "item", (item) => item.name)),
      lines("spec:", "  {{- range $item := .Values.filled }}", "  - {{ $item.name | quote }}", "  {{- end }}"),
    );
  });

  it("is refused when no condition can say whether it is empty", () => {
    assert.throws(
      () => printed(each(v.filled, "item", (item) => when(item.on, item.name))),
      /Some some.spec holds nothing but a loop whose items are conditional/,
    );
  });

  it("stays as it is when it was written empty", () => {
    assert.equal(printed({ x: {}, q: [] }), lines("spec:", "  x: {}", "  q: []"));
  });
});
