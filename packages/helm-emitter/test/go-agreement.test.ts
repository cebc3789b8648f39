import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import Type from "typebox";
import {
  and,
  at,
  b64enc,
  chart,
  choose,
  coalesce,
  concat,
  contains,
  defaultTo,
  defineChart,
  div,
  type Expr,
  eq,
  fileText,
  ge,
  gt,
  has,
  hasKey,
  hasPrefix,
  hasSuffix,
  int,
  join,
  kubeObject,
  le,
  len,
  list,
  lower,
  lt,
  max,
  min,
  mod,
  mul,
  ne,
  not,
  or,
  overwrite,
  printExpression,
  printf,
  quote,
  release,
  replace,
  sha256sum,
  sortedKeys,
  sub,
  sum,
  synthesize,
  ternary,
  text,
  toJson,
  toText,
  trimPrefix,
  trimSuffix,
  trunc,
  upper,
  valuesRef,
} from "../src/index.ts";
import { proveChart } from "../src/proof/index.ts";

const values = Type.Object({
  word: Type.String({ default: "Till" }),
  empty: Type.String({ default: "" }),
  odd: Type.String({ default: 'say "naïve" <b> 🦊\t\\ {{ x }}\n' }),
  missing: Type.Optional(Type.String()),
  three: Type.Integer({ default: 3, minimum: 0, maximum: 9 }),
  zero: Type.Integer({ default: 0, maximum: 9 }),
  million: Type.Integer({ default: 1_000_000 }),
  huge: Type.Integer({ default: 9_007_199_254_740_991 }),
  negative: Type.Integer({ default: -7 }),
  half: Type.Number({ default: 0.5 }),
  tiny: Type.Number({ default: 0.000_012_5 }),
  large: Type.Number({ default: 12_345_678.5 }),
  yes: Type.Boolean({ default: true }),
  no: Type.Boolean({ default: false }),
  words: Type.Array(Type.String(), { default: ["b", "a", "yes"] }),
  none: Type.Array(Type.String(), { default: [] }),
  map: Type.Record(Type.String(), Type.String(), { default: { b: "2", a: "1", "x.y/z": "3" } }),
  more: Type.Record(Type.String(), Type.String(), { default: { a: "", b: "3", c: "4" } }),
  limits: Type.Record(Type.String(), Type.Integer(), { default: { cpu: 2 } }),
  either: Type.Union([Type.Integer(), Type.String()], { default: "50%" }),
  deep: Type.Object({ "a-b": Type.Object({ c: Type.String({ default: "dashed" }) }) }),
});
const v = valuesRef(values);

/** What Go answers: an expression, how it prints, what it is. */
const table: readonly (readonly [Expr, string, unknown])[] = [
  [v.deep["a-b"].c, '(index .Values.deep "a-b").c', "dashed"],
  [at(v.map, "x.y/z"), 'index .Values.map "x.y/z"', "3"],
  [at(v.map, "none"), ".Values.map.none", null],
  [at(v.words, 1), "index .Values.words 1", "a"],
  [at(v.map, v.word), "index .Values.map .Values.word", null],
  [overwrite(v.map, v.more), "mergeOverwrite (dict) .Values.map .Values.more", { a: "", b: "3", c: "4", "x.y/z": "3" }],
  [not(v.empty), "not .Values.empty", true],
  [not(v.zero), "not .Values.zero", true],
  [not(v.none), "not .Values.none", true],
  [not(v.missing), "not .Values.missing", true],
  [and(v.yes, v.no), "and .Values.yes .Values.no", false],
  [and<unknown>(v.yes, v.words, v.word), "and .Values.yes .Values.words .Values.word", "Till"],
  [or(v.empty, v.word), "or .Values.empty .Values.word", "Till"],
  [or<unknown>(v.no, v.zero), "or .Values.no .Values.zero", 0],
  [eq(v.word, "Till"), 'eq .Values.word "Till"', true],
  [eq(v.word, "a", "Till"), 'eq .Values.word "a" "Till"', true],
  [eq(int(v.three), 3), "eq (int .Values.three) 3", true],
  [eq(v.missing, "x"), 'eq .Values.missing "x"', false],
  [ne(v.yes, false), "ne .Values.yes false", true],
  [lt(int(v.negative), 0), "lt (int .Values.negative) 0", true],
  [le(int(v.three), 3), "le (int .Values.three) 3", true],
  [gt(int(v.huge), int(v.million)), "gt (int .Values.huge) (int .Values.million)", true],
  [ge(int(v.three), 4), "ge (int .Values.three) 4", false],
  [ternary(eq(v.word, "x"), "a", "b"), 'ternary "a" "b" (eq .Values.word "x")', "b"],
  [defaultTo(v.empty, "x"), '.Values.empty | default "x"', "x"],
  [defaultTo(v.missing, "x"), '.Values.missing | default "x"', "x"],
  [defaultTo(v.no, true), ".Values.no | default true", true],
  [coalesce(v.missing, v.empty, v.word), "coalesce .Values.missing .Values.empty .Values.word", "Till"],
  [int(v.million), "int .Values.million", 1_000_000],
  [int(v.half), "int .Values.half", 0],
  [sum(v.three, v.half, 2), "add .Values.three .Values.half 2", 5],
  [sub(v.three, 5), "sub .Values.three 5", -2],
  [mul(v.million, v.million), "mul .Values.million .Values.million", 1_000_000_000_000],
  [div(v.negative, 2), "div .Values.negative 2", -3],
  [mod(v.negative, 3), "mod .Values.negative 3", -1],
  [max(v.three, 7, v.zero), "max .Values.three 7 .Values.zero", 7],
  [min(v.three, -7, v.zero), "min .Values.three -7 .Values.zero", -7],
  [len(v.words), "len .Values.words", 3],
  [len(v.odd), "len .Values.odd", 32],
  [has(v.words, "yes"), 'has "yes" .Values.words', true],
  [hasKey(v.map, "x"), 'hasKey .Values.map "x"', false],
  [sortedKeys(v.map), "keys .Values.map | sortAlpha", ["a", "b", "x.y/z"]],
  [list("a", v.word), 'list "a" .Values.word', ["a", "Till"]],
  [concat(v.words, list("c")), 'concat .Values.words (list "c")', ["b", "a", "yes", "c"]],
  [printf("%s-%d%%", v.word, int(v.three)), 'printf "%s-%d%%" .Values.word (int .Values.three)', "Till-3%"],
  [
    printf("%v %v %v %v", v.half, v.yes, v.million, v.either),
    'printf "%v %v %v %v" .Values.half .Values.yes .Values.million .Values.either',
    "0.5 true 1e+06 50%",
  ],
  [printf("%v %v", v.tiny, v.large), 'printf "%v %v" .Values.tiny .Values.large', "1.25e-05 1.23456785e+07"],
  [printf("%q", v.odd), 'printf "%q" .Values.odd', '"say \\"naïve\\" <b> 🦊\\t\\\\ {{ x }}\\n"'],
  [printf("%s", quote(v.odd)), 'printf "%s" (quote .Values.odd)', '"say \\"naïve\\" <b> 🦊\\t\\\\ {{ x }}\\n"'],
  [
    text`${v.million} ${v.three} ${v.half}`,
    'printf "%d %v %v" (int64 .Values.million) .Values.three .Values.half',
    "1000000 3 0.5",
  ],
  [text`100% of ${v.word}`, 'printf "100%% of %s" .Values.word', "100% of Till"],
  [toText(v.million), ".Values.million | int64 | toString", "1000000"],
  [toText(v.no), ".Values.no | toString", "false"],
  [toJson(v.odd), ".Values.odd | toJson", '"say \\"naïve\\" \\u003cb\\u003e 🦊\\t\\\\ {{ x }}\\n"'],
  [toJson(v.map), ".Values.map | toJson", '{"a":"1","b":"2","x.y/z":"3"}'],
  [toJson(v.limits), ".Values.limits | toJson", '{"cpu":2}'],
  [sha256sum(v.word), ".Values.word | sha256sum", createHash("sha256").update("Till").digest("hex")],
  [b64enc(v.odd), ".Values.odd | b64enc", Buffer.from('say "naïve" <b> 🦊\t\\ {{ x }}\n').toString("base64")],
  [join(v.words, ","), '.Values.words | join ","', "b,a,yes"],
  [lower(v.word), ".Values.word | lower", "till"],
  [upper(v.odd), ".Values.odd | upper", 'SAY "NAÏVE" <B> 🦊\t\\ {{ X }}\n'],
  [trunc(v.word, 2), ".Values.word | trunc 2", "Ti"],
  [trunc(v.word, -2), ".Values.word | trunc -2", "ll"],
  [trimSuffix(v.word, "l"), '.Values.word | trimSuffix "l"', "Til"],
  [trimPrefix(v.word, "T"), '.Values.word | trimPrefix "T"', "ill"],
  [replace(v.odd, "a", "$&"), '.Values.odd | replace "a" "$&"', 's$&y "n$&ïve" <b> 🦊\t\\ {{ x }}\n'],
  [contains(v.word, "il"), 'contains "il" .Values.word', true],
  [hasPrefix(v.word, "T"), 'hasPrefix "T" .Values.word', true],
  [hasSuffix(v.word, "T"), 'hasSuffix "T" .Values.word', false],
  [release.name, ".Release.Name", "release"],
  [release.isInstall, ".Release.IsInstall", true],
  [chart.appVersion, ".Chart.AppVersion", "1.0"],
  [fileText("odd.txt"), '.Files.Get "odd.txt"', "{{ no }}\n: #\n"],
  [v.million, ".Values.million", 1_000_000],
  [v.huge, ".Values.huge", 9_007_199_254_740_991],
  [v.tiny, ".Values.tiny", 0.000_012_5],
  [v.either, ".Values.either", "50%"],
  [v.words, ".Values.words", ["b", "a", "yes"]],
];

/** What Go refuses, and the words it does so with. */
const refusals: readonly (readonly [Expr, RegExp])[] = [
  [eq(v.three as unknown as Expr<bigint>, 3), /incompatible types for comparison/],
  [lt(v.yes as unknown as Expr<bigint>, 3), /incompatible types|invalid type for comparison/],
  [lower(v.missing as Expr<string>), /lower|expected string/],
  [trunc(v.three as unknown as Expr<string>, 2), /expected string/],
  [div(v.three, v.zero), /divide by zero/],
  [at(v.words, 9), /out of range/],
  [ternary(v.word as unknown as Expr<boolean>, "a", "b"), /expected bool/],
  [hasKey(v.missing, "a"), /expected (a )?map/],
];

function chartOf(name: string, data: Record<string, Expr>) {
  return defineChart({
    name,
    version: "1.0.0",
    appVersion: "1.0",
    description: "Expressions.",
    values,
    files: [
      {
        path: "templates/answers.yaml",
        documents: [kubeObject({ apiVersion: "v1", kind: "Answers", metadata: { name: "answers" }, data })],
      },
    ],
    assets: { "odd.txt": "{{ no }}\n: #\n" },
    generator: "a test",
  });
}

const answers = chartOf("answers", Object.fromEntries(table.map(([expression], at) => [`case${at}`, expression])));

describe("an expression", () => {
  it("prints as a person would write it", () => {
    for (const [expression, printed] of table) assert.equal(printExpression(expression), printed);
  });

  it("has the value that the table says", () => {
    const [object] = synthesize(answers);
    const data = object?.data as Record<string, unknown>;
    for (const [at, [, printed, value]] of table.entries()) {
      assert.deepEqual(data[`case${at}`], value, printed);
    }
  });

  it("is refused where Go refuses it", () => {
    for (const [expression, sentence] of refusals) {
      assert.throws(
        () => synthesize(chartOf("refused", { answer: expression })),
        sentence,
        printExpression(expression),
      );
    }
  });

  it("computes only the chosen one of two", () => {
    const careful = choose(v.missing, lower(v.missing as Expr<string>), "nothing");
    assert.deepEqual(synthesize(chartOf("careful", { answer: careful }))[0]?.data, { answer: "nothing" });
  });
});

if (requirePart("helm", hasHelm())) {
  describe("Go's own answer", () => {
    it("is the same for every expression of the table", async () => {
      await proveChart({ chart: answers, helm: helmProgram(), cases: [{ name: "defaults" }] });
    });

    it("is a refusal wherever ours is one", async () => {
      for (const [expression, sentence] of refusals) {
        const cases = [{ name: printExpression(expression) }];
        const proof = proveChart({ chart: chartOf("refused", { answer: expression }), helm: helmProgram(), cases });
        await assert.rejects(proof, (error: Error) => {
          assert.match(error.message, /cannot be synthesised: .*; Helm says: /, printExpression(expression));
          assert.match(error.message.split("Helm says")[1] ?? "", sentence);
          return true;
        });
      }
    });
  });
}
