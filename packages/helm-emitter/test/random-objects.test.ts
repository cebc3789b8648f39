import { describe, it } from "node:test";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import fc, { type Arbitrary } from "fast-check";
import Type from "typebox";
import {
  add,
  append,
  type Content,
  defineChart,
  each,
  entry,
  type Json,
  type JsonObject,
  kubeObject,
  merge,
  not,
  type Overlay,
  onlyIf,
  onlyWith,
  quote,
  remove,
  set,
  spread,
  text,
  valuesRef,
  when,
  whenSet,
  yamlText,
} from "../src/index.ts";
import { hurtfulTexts } from "../src/proof/hurtful-texts.ts";
import { proveChart, randomCases } from "../src/proof/index.ts";

const values = Type.Object({
  flag: Type.Boolean({ default: false }),
  other: Type.Boolean({ default: true }),
  word: Type.String({ default: "word" }),
  number: Type.Integer({ default: 3 }),
  fraction: Type.Number({ default: 0.5, minimum: 0, maximum: 1e6 }),
  either: Type.Union([Type.Integer(), Type.String()], { default: 1 }),
  list: Type.Array(Type.String()),
  map: Type.Record(Type.String(), Type.String()),
  deep: Type.Array(Type.Object({ name: Type.String(), tags: Type.Array(Type.String()) })),
  any: Type.Object({}, { additionalProperties: true, default: {} }),
  absent: Type.Optional(Type.Record(Type.String(), Type.String())),
});
const v = valuesRef(values);

const entries = each(v.map, "pair", (value, key) => entry(key, { is: value }));

/** What an overlay may put into an object, of every kind. */
const contents: readonly Content[] = [
  v.word,
  v.number,
  v.fraction,
  v.either,
  v.flag,
  v.list,
  v.map,
  v.any,
  v.deep,
  quote(v.number),
  quote(v.either),
  text`${v.number} of ${quote(v.word)}: {{ ${v.flag} }}`,
  when(v.flag, { always: "here", sometimes: when(v.other, v.word) }, { otherwise: [] }),
  whenSet(v.absent),
  { inner: when(v.flag, "x"), more: { deep: whenSet(v.list) } },
  [when(v.flag, "x"), spread(v.list), each(v.deep, "item", (item) => [item.name, item.tags])],
  each(v.deep, "item", (item, index) => ({ name: item.name, at: index, tags: each(item.tags, "tag", (tag) => tag) })),
  entries,
  yamlText({ word: v.word, list: [spread(v.list), "end"], map: v.map, maybe: when(v.flag, v.any) }),
  yamlText([each(v.deep, "item", (item) => ({ ": ": item.name })), v.number]),
];

const scalar: Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...hurtfulTexts),
  fc.string({ unit: "grapheme", maxLength: 12 }).filter((one) => !/[\u007f-\u009f]/.test(one)),
  fc.boolean(),
  fc.integer(),
  fc.constantFrom(null, 0.1, 1e21, -1e-7, 1_000_000),
);
const key = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "name",
    "spec",
    "image",
    "metadata",
    "containers",
    "yes",
    "0x1",
    "a.b/c",
    "{{k}}",
    "- k",
    "k: ",
  ),
  fc.string({ minLength: 1, maxLength: 5 }),
);
const { tree } = fc.letrec<{ tree: Json; object: JsonObject }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    tie("object"),
    fc.array(tie("tree"), { maxLength: 3 }),
  ),
  object: fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
}));
const object = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

type Place = { readonly path: string; readonly value: Json };

/** Every place of an object by its path; keys that a path cannot name are left alone. */
function placesOf(value: Json, path: string): Place[] {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => placesOf(item, `${path}[${index}]`))
    : typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, item]) => (/["]/.test(name) ? [] : placesOf(item, `${path}["${name}"]`)))
      : [];
  return [{ path, value }, ...inner];
}

/** One overlay for a place, by a number. */
function overlayAt({ path, value }: Place, choice: number): Overlay {
  const content = contents[choice % contents.length] ?? null;
  const kind = choice % 5;
  if (kind === 0) return onlyIf(path, choice % 2 === 0 ? v.flag : not(v.other));
  if (kind === 1) return onlyWith(path, v.map);
  if (kind === 2 && Array.isArray(value)) return append(path, content === entries ? spread(v.list) : content);
  if (kind === 2 && typeof value === "object" && value !== null) return add(`${path}["added by overlay"]`, content);
  if (kind === 3 && typeof value === "object" && value !== null && !Array.isArray(value)) {
    return merge(
      path,
      each(v.map, "pair", (one, name) => entry(text`merged ${name}`, one)),
    );
  }
  return kind === 3 ? remove(path) : set(path, content);
}

const overlaid = fc.tuple(object, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 })).map(([spec, picks]) => {
  const places = placesOf(spec, "data").filter(({ path }) => path !== "data");
  const chosen = new Map(
    picks.flatMap(([at, choice]) => {
      const place = places[at % Math.max(places.length, 1)];
      return place === undefined ? [] : [[place.path, overlayAt(place, choice)] as const];
    }),
  );
  // Overlays below one another contradict; that is another test's matter.
  const paths = [...chosen.keys()];
  const overlays = [...chosen.values()].filter(
    (_, at) => !paths.some((path, other) => other !== at && paths[at]?.startsWith(path)),
  );
  const isShifted = overlays.filter(({ kind }) => kind === "remove").length > 1;
  return { spec, overlays: isShifted ? overlays.slice(0, 1) : overlays };
});

const OBJECTS = 60;
const CHARTS = 3;

if (requirePart("helm", hasHelm())) {
  describe("any object with any overlays", () => {
    for (let seed = 1; seed <= CHARTS; seed += 1) {
      it(`comes out of Helm as it was synthesised, seed ${seed}`, async () => {
        const documents = fc
          .sample(overlaid, { seed, numRuns: OBJECTS })
          .map(({ spec, overlays }, at) =>
            kubeObject(
              { apiVersion: "v1", kind: "Any", metadata: { name: `any-${at}` }, data: spec, last: "x" },
              overlays,
            ),
          );
        const chart = defineChart({
          name: "any",
          version: "0.0.1",
          appVersion: "1",
          description: "Anything.",
          values,
          files: [{ path: "templates/any.yaml", documents }],
          generator: "a test",
        });
        const cases = [{ name: "defaults" }, ...randomCases(chart, { seed, count: 12 })];
        await proveChart({ chart, helm: helmProgram(), cases, allowOneSided: "all" });
      });
    }
  });
}
