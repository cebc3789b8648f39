import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { ScreeningRequest } from "@kassa/contracts/fraud-routes";
import { defaultRulesFile } from "../config.ts";
import { parseRuleSet } from "./parse-rule-set.ts";
import { compileRules } from "./screen.ts";

const payment: ScreeningRequest = {
  payment_id: "pay_1",
  merchant_id: "mer_1",
  amount: 1999,
  currency: "EUR",
  token: "pm_card_visa",
  brand: "visa",
  bin: "424242",
  country: "US",
};

function screenWith(rules: string, change: Partial<ScreeningRequest> = {}) {
  const screen = compileRules(parseRuleSet(`version: t\nrules:\n${rules}`, "rules.yaml"));
  const { decision, reasons } = screen({ ...payment, ...change });
  return [decision, ...reasons];
}

const rule = (name: string, decision: string, when: string) =>
  `  - { name: ${name}, decision: ${decision}, when: { ${when} } }\n`;

describe("screening", () => {
  const deny = rule("deny_visa", "deny", "brand: [visa]");
  const review = rule("review_visa", "review", "brand: [visa]");
  const allow = rule("allow_visa", "allow", "brand: [visa]");

  it("allow outweighs deny, deny outweighs review, whatever their order in the file", () => {
    assert.deepEqual(screenWith(review + deny + allow), ["allow", "allow_visa"]);
    assert.deepEqual(screenWith(review + deny), ["deny", "deny_visa"]);
    assert.deepEqual(screenWith(review), ["review", "review_visa"]);
  });

  it("what no rule fits is allowed without a reason", () => {
    assert.deepEqual(screenWith(deny, { brand: "amex" }), ["allow"]);
  });

  it("names every rule that made the decision, 50 at most", () => {
    const two = rule("other", "deny", 'bin: ["424242"]');
    assert.deepEqual(screenWith(deny + two), ["deny", "deny_visa", "other"]);
    const many = Array.from({ length: 60 }, (_, index) => rule(`r${index}`, "deny", "brand: [visa]")).join("");
    assert.equal(screenWith(many).length, 51);
  });

  it("all conditions of a rule must hold", () => {
    const both = rule("both", "deny", "country: [US], currency: [EUR]");
    assert.deepEqual(screenWith(both), ["deny", "both"]);
    assert.deepEqual(screenWith(both, { currency: "USD" }), ["allow"]);
  });

  it("each bound of an amount holds on its own side", () => {
    for (const [bound, fits, fails] of [
      ["over: 5", 6, 5],
      ["at_least: 5", 5, 4],
      ["under: 5", 4, 5],
      ["at_most: 5", 5, 6],
    ] as const) {
      const bounded = rule("bounded", "deny", `amount: { ${bound} }`);
      assert.deepEqual(screenWith(bounded, { amount: fits }), ["deny", "bounded"], bound);
      assert.deepEqual(screenWith(bounded, { amount: fails }), ["allow"], bound);
    }
  });

  it("bounds by currency leave other currencies alone", () => {
    const split = rule("split", "review", "amount: { EUR: { over: 1000 }, JPY: { over: 100000 } }");
    assert.deepEqual(screenWith(split), ["review", "split"]);
    assert.deepEqual(screenWith(split, { currency: "JPY" }), ["allow"]);
    assert.deepEqual(screenWith(split, { currency: "USD" }), ["allow"]);
  });

  it("a payment that does not tell the member does not fit", () => {
    const { country: _, ...untold } = payment;
    const screen = compileRules(parseRuleSet(`rules:\n${rule("c", "deny", "country: [US]")}`, "rules.yaml"));
    assert.equal(screen(untold).decision, "allow");
  });
});

describe("the rules that come with the service", () => {
  const ruleSet = parseRuleSet(readFileSync(defaultRulesFile, "utf8"), defaultRulesFile);
  const screen = compileRules(ruleSet);

  for (const [change, decision, reasons] of [
    [{}, "allow", []],
    [{ token: "pm_card_fraudulent" }, "deny", ["blocked_token"]],
    [{ country: "KP" }, "deny", ["embargoed_country"]],
    [{ amount: 100_000_001 }, "review", ["very_large_amount"]],
    [{ amount: 100_000_001, currency: "JPY" }, "allow", []],
  ] as const) {
    it(`${JSON.stringify(change)}: ${decision}`, () => {
      const expected = { decision, reasons: [...reasons], rule_set: ruleSet.version, fallback: false };
      assert.deepEqual(screen({ ...payment, ...change }), expected);
    });
  }
});
