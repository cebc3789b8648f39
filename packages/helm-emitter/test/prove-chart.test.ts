import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import fc from "fast-check";
import Type from "typebox";
import { type Content, defineChart, kubeObject, unquoted, valuesRef, when } from "../src/index.ts";
import { cornerCases, type ProofCase, proveChart, randomValues } from "../src/proof/index.ts";
import { shop } from "./shop-chart.ts";
import { shopValues } from "./shop-values.ts";

const values = Type.Object({
  on: Type.Boolean({ default: false }),
  word: Type.String({ default: "w" }),
  maybe: Type.Optional(Type.Object({ inner: Type.String() })),
});
const v = valuesRef(values);

function prove(spec: Content, cases: readonly ProofCase[]) {
  const chart = defineChart({
    name: "doubtful",
    version: "1.0.0",
    appVersion: "1",
    description: "Wrong on purpose.",
    values,
    files: [
      {
        path: "templates/some.yaml",
        documents: [kubeObject({ apiVersion: "v1", kind: "Some", metadata: { name: "some" }, spec })],
      },
    ],
    generator: "a test",
  });
  return proveChart({ chart, helm: helmProgram(), cases });
}

describe("random values", () => {
  it("are the same for the same seed, and satisfy the schema and the rules", () => {
    const some = { seed: 9, count: 20, rules: shop.rules };
    assert.deepEqual(randomValues(shopValues, some), randomValues(shopValues, some));
    for (const one of randomValues(shopValues, some)) {
      assert.ok(one.tls !== true || (one.hosts as unknown[]).length > 0);
    }
  });

  it("flip every boolean, choose every choice, fill and leave every optional value", () => {
    const some = randomValues(shopValues, { seed: 1, count: 200 });
    const assertSeen = (wanted: readonly unknown[], read: (one: Record<string, unknown>) => unknown) => {
      const seen = new Set(some.map(read));
      assert.deepEqual(
        wanted.filter((one) => !seen.has(one)),
        [],
      );
    };
    assertSeen([true, false, undefined], ({ tls }) => tls);
    assertSeen(["info", "debug", "off", undefined], ({ logLevel }) => logLevel);
    assertSeen([true, false], ({ nodeSelector }) => nodeSelector === undefined);
    assert.ok(some.some(({ greeting }) => /^(yes|0123|1e3|a: b|# c| leading|\{\{.*)$/.test(String(greeting))));
  });

  it("of corners are few and always the same", () => {
    const names = cornerCases(shop).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ["defaults", "everything filled"]);
    assert.deepEqual(
      cornerCases(shop).map(({ name }) => name),
      names,
    );
    assert.ok(names.length < 60, `${names.length}`);
  });
});

if (requirePart("helm", hasHelm())) {
  describe("a proof fails", () => {
    it("when Helm prints something else, with the path and both values", async () => {
      const proof = prove({ word: unquoted(v.word) }, [{ name: "a number", values: { word: "1e3" } }]);
      await assert.rejects(
        proof,
        /a number, values \{"word":"1e3"\}:\n {2}v1 Some some.spec.word: synthesised "1e3", Helm printed 1000/,
      );
    });

    it("when Helm's output is no YAML", async () => {
      const proof = prove({ word: unquoted(v.word) }, [{ name: "a colon", values: { word: "a: b: c" } }]);
      await assert.rejects(proof, /a colon.*\n {2}(Helm's output cannot be read|synthesised, but Helm says)/);
    });

    it("when a guard was never seen both ways, with its file, path and condition", async () => {
      const proof = prove({ a: 1, b: when(v.on, 2) }, [{ name: "defaults" }]);
      await assert.rejects(proof, /templates\/some.yaml: Some some.spec: if \$.Values.on was never true/);
    });

    it("when valid values stop the template: a missing parent is not read without a guard", async () => {
      const proof = prove({ a: v.maybe.inner }, [{ name: "defaults" }]);
      await assert.rejects(
        proof,
        /cannot be synthesised: TemplateError: nil pointer evaluating.*Helm says: .*nil pointer/s,
      );
    });

    it("when a case is refused that should not be, or not refused that should be", async () => {
      await assert.rejects(
        prove({}, [{ name: "wrong", values: { word: 1 } }]),
        /wrong.*\n {2}is refused: the values of doubtful are not valid/,
      );
      await assert.rejects(
        prove({}, [{ name: "right", refusal: /word/ }]),
        /right.*\n {2}must be refused, and was not/,
      );
    });

    it("never for a text in quotes, whatever the text", async () => {
      const words = fc.sample(fc.string({ unit: "grapheme" }), { seed: 5, numRuns: 40 });
      const chart = defineChart({
        name: "words",
        version: "1.0.0",
        appVersion: "1",
        description: "Words.",
        values: Type.Object({ words: Type.Array(Type.String(), { default: words }) }),
        files: [
          {
            path: "templates/words.yaml",
            documents: [
              kubeObject({
                apiVersion: "v1",
                kind: "Words",
                metadata: { name: "words" },
                plain: words,
                block: wordsRef,
              }),
            ],
          },
        ],
        generator: "a test",
      });
      await proveChart({ chart, helm: helmProgram(), cases: [{ name: "defaults" }] });
    });
  });
}

const wordsRef = valuesRef(Type.Object({ words: Type.Array(Type.String()) })).words;
