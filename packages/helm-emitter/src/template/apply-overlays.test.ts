import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type from "typebox";
import {
  add,
  append,
  ChartDefinitionError,
  type Content,
  defineChart,
  type JsonObject,
  kubeObject,
  merge,
  not,
  type Overlay,
  onlyIf,
  onlyWith,
  remove,
  set,
  synthesize,
  valuesRef,
  when,
} from "../index.ts";

const values = Type.Object({
  on: Type.Boolean({ default: false }),
  word: Type.String({ default: "w" }),
  map: Type.Record(Type.String(), Type.String()),
});
const v = valuesRef(values);

const pod: Content = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "till", annotations: { "example.test/plain": "yes" } },
  spec: {
    containers: [
      { name: "app", image: "a", env: [{ name: "ONE", value: "1" }] },
      { name: "side", image: "b" },
    ],
    list: ["a", "b", "c"],
  },
};

function specOf(overlays: readonly Overlay[], given: JsonObject = {}) {
  const chart = defineChart({
    name: "pods",
    version: "1.0.0",
    appVersion: "1",
    description: "A pod.",
    values,
    files: [{ path: "templates/pod.yaml", documents: [kubeObject(pod, overlays)] }],
    generator: "a test",
  });
  return synthesize(chart, { values: given })[0] as unknown as { metadata: JsonObject; spec: JsonObject } | undefined;
}

const refuses = (sentence: RegExp, ...overlays: Overlay[]) =>
  assert.throws(
    () => kubeObject(pod, overlays),
    (error: Error) => {
      assert.ok(error instanceof ChartDefinitionError);
      assert.match(error.message, sentence);
      return true;
    },
  );

describe("overlays", () => {
  it("address list items by a field or by their place in the given object, keys with dots in quotes", () => {
    const object = specOf([
      remove("spec.list[0]"),
      set("spec.list[2]", v.word),
      set("spec.containers[name=app].env[name=ONE].value", v.word),
      set('metadata.annotations["example.test/plain"]', v.word),
    ]);
    assert.deepEqual(object?.spec.list, ["b", "w"]);
    assert.deepEqual(object?.metadata.annotations, { "example.test/plain": "w" });
    assert.deepEqual((object?.spec.containers as JsonObject[] | undefined)?.[0]?.env, [{ name: "ONE", value: "w" }]);
  });

  it("guard a key, an item or the whole object, and may change what they guard, in any order", () => {
    const overlays = [
      onlyIf("spec.containers[name=side]", v.on),
      set("spec.containers[name=side].image", v.word),
      set("spec.list", [when(v.on, "x")]),
    ];
    assert.deepEqual(specOf(overlays)?.spec, {
      containers: [{ name: "app", image: "a", env: [{ name: "ONE", value: "1" }] }],
    });
    const on = specOf(overlays, { on: true })?.spec;
    assert.deepEqual((on?.containers as JsonObject[] | undefined)?.[1], { name: "side", image: "w" });
    assert.deepEqual(on?.list, ["x"]);
    assert.equal(specOf([onlyIf("", v.on)]), undefined);
  });

  it("whose path matches nothing are refused with the keys that exist, the nearest first", () => {
    refuses(
      /Pod till: the path spec.contaners of set matches nothing: in spec there are containers, list/,
      set("spec.contaners", 1),
    );
    refuses(/in spec.containers there are app, side/, set("spec.containers[name=apq].image", "x"));
    refuses(/in spec.list there are \[2\], \[1\], \[0\]|in spec.list there are/, remove("spec.list[3]"));
    refuses(/there are example.test\/plain/, remove('metadata.annotations["example.test/plane"]'));
    refuses(/there are no keys/, set("spec.list[0].x", 1));
    refuses(/cannot be read/, set("spec..list", 1));
  });

  it("that contradict each other are refused", () => {
    refuses(/contradicts an earlier overlay, set spec.list/, set("spec.list", v.map), append("spec.list", "x"));
    refuses(/contradicts an earlier overlay, set spec.list/, set("spec.list", v.map), set("spec.list", []));
    refuses(/contradicts an earlier overlay, append spec.list/, append("spec.list", "x"), set("spec.list", []));
    refuses(/contradicts an earlier overlay, set spec.list\[0\]/, set("spec.list[0]", "x"), remove("spec"));
    refuses(/matches nothing/, remove("spec"), set("spec.list[0]", "x"));
    refuses(/has two guards/, onlyIf("spec.list", v.on), onlyWith("spec.list", v.map));
    refuses(/has two guards/, set("spec.list", when(v.on, 1)), onlyIf("spec.list", not(v.on)));
    refuses(/guarded by another overlay/, onlyIf("spec.list", not(v.on)), set("spec.list", when(v.on, 1)));
    refuses(/exists already: use set/, add("spec.list", []));
    refuses(/has the key name already/, merge("metadata", { name: "x" }));
    refuses(/is a map, not a list/, append("spec", "x"));
    refuses(/is a list, not a mapping/, merge("spec.list", { a: 1 }));
    refuses(/removes the whole object/, remove(""));
  });

  it("refuse expressions where they cannot stand", () => {
    refuses(/a string cannot be put into a mapping/, merge("metadata", v.word));
    refuses(/only entries can be put into a mapping/, merge("metadata", ["x"]));
  });
});
