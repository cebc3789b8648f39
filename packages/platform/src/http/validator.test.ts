import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Problem } from "@kassa/contracts/problem";
import Type from "typebox";
import { compileValidator } from "./validator.ts";

const Card = Type.Object({ number: Type.String({ pattern: "^[0-9]{12,19}$" }), cvc: Type.Optional(Type.String()) });
const validate = compileValidator(
  Type.Object({
    amount: Type.Integer({ minimum: 1, maximum: 10 }),
    method: Type.Union([Type.String({ minLength: 3 }), Type.Object({ card: Card })]),
    capture: Type.Optional(Type.Union([Type.Literal("automatic"), Type.Literal("manual")], { default: "automatic" })),
    kind: Type.Optional(Type.Enum(["a", "b"])),
    items: Type.Optional(Type.Array(Type.Object({ id: Type.Integer() }))),
    metadata: Type.Optional(Type.Record(Type.String({ pattern: "^.{1,40}$" }), Type.String())),
  }),
);
const valid = { amount: 1, method: "pm_card_visa" };

function refusal(value: unknown): Problem {
  try {
    validate(value);
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.equal(error.code, "invalid_request");
    return error;
  }
  throw new Error("the value was accepted");
}

const faults: readonly (readonly [what: string, value: unknown, param: string | undefined, detail: RegExp])[] = [
  ["a missing member", { method: "abc" }, "amount", /amount is missing/],
  ["an unknown member", { ...valid, amout: 1 }, "amout", /amout is not known here/],
  ["a value out of range", { ...valid, amount: 0 }, "amount", /amount must be >= 1/],
  ["a value of another type", { ...valid, amount: "1" }, "amount", /amount must be integer/],
  [
    "a member of a branch",
    { ...valid, method: { card: { number: "12" } } },
    "method.card.number",
    /must match pattern/,
  ],
  ["a missing member of a branch", { ...valid, method: { card: {} } }, "method.card.number", /is missing/],
  [
    "an unknown member of a branch",
    { ...valid, method: { card: { number: "4".repeat(16), x: 1 } } },
    "method.card.x",
    /is not known/,
  ],
  ["a value of no branch", { ...valid, method: 5 }, "method", /must be string or must be object/],
  ["a choice that is none", { ...valid, capture: "later" }, "capture", /must be one of automatic, manual/],
  ["an enumeration's stranger", { ...valid, kind: "c" }, "kind", /must be one of a, b/],
  ["an item of a list", { ...valid, items: [{ id: 1 }, { id: "x" }] }, "items.1.id", /must be integer/],
  [
    "a name in a record",
    { ...valid, metadata: { [`${"k".repeat(41)}`]: "v" } },
    `metadata.${"k".repeat(41)}`,
    /is not known/,
  ],
  ["a value in a record", { ...valid, metadata: { "a/b": 1 } }, "metadata.a/b", /must be string/],
  ["no object at all", 5, undefined, /The request must be object/],
];

describe("a compiled validator", () => {
  for (const [what, value, param, detail] of faults) {
    it(`names ${what}`, () => {
      const problem = refusal(value);
      assert.equal(problem.param, param);
      assert.match(problem.detail, detail);
    });
  }

  it("never repeats a value, which may be a card number", () => {
    const problem = refusal({ ...valid, method: { card: { number: "42424242424242424242" } } });
    assert.doesNotMatch(problem.detail + problem.message, /4242/);
  });

  it("fills in the defaults of the top level and keeps what is given", () => {
    assert.deepEqual(validate({ ...valid }), { ...valid, capture: "automatic" });
    assert.deepEqual(validate({ ...valid, capture: "manual" }), { ...valid, capture: "manual" });
  });
});
