import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { defaultRulesFile } from "../config.ts";
import { parseRuleSet } from "./parse-rule-set.ts";
import { RuleSetError } from "./rule-set-error.ts";

function faultsOf(text: string): string[] {
  try {
    parseRuleSet(text, "rules.yaml");
  } catch (error) {
    assert.ok(error instanceof RuleSetError);
    return error.faults.map(({ line, path, sentence }) => `${line} ${path}: ${sentence}`);
  }
  return [];
}

const good = `version: "7"
lists:
  bad: [tok_1, tok_2]
rules:
  - name: listed
    decision: deny
    when:
      token: [$bad, tok_3]
      amount: { over: 5 }
`;

describe("parseRuleSet", () => {
  it("reads rules with their lists resolved", () => {
    assert.deepEqual(parseRuleSet(good, "rules.yaml"), {
      version: "7",
      rules: [
        {
          name: "listed",
          decision: "deny",
          amount: { over: 5 },
          amountByCurrency: undefined,
          listed: { token: ["tok_1", "tok_2", "tok_3"] },
        },
      ],
    });
  });

  it("a file without a version is known by its hash", () => {
    const unnamed = good.replace('version: "7"\n', "");
    const { version } = parseRuleSet(unnamed, "rules.yaml");
    assert.match(version, /^sha256:[0-9a-f]{16}$/);
    assert.notEqual(parseRuleSet(unnamed.replace("over: 5", "over: 6"), "rules.yaml").version, version);
  });

  it("the rules that come with the service are valid", () => {
    assert.ok(parseRuleSet(readFileSync(defaultRulesFile, "utf8"), defaultRulesFile).rules.length > 0);
  });

  it("tells every fault at once, each with its line", () => {
    const bad = `rules:
  - name: Loud
    decision: maybe
    when:
      countries: [KP]
  - name: empty
    decision: deny
    when: {}
  - name: number
    decision: deny
    when:
      bin: [424242]
  - decision: deny
    when: { country: [KP] }
surprise: 1
`;
    const faults = faultsOf(bad);
    assert.deepEqual(
      faults.map((fault) => fault.split(":")[0]),
      [
        "2 rules.0.name",
        "3 rules.0.decision",
        "5 rules.0.when.countries",
        "8 rules.1.when",
        "12 rules.2.when.bin.0",
        "13 rules.3",
        "15 surprise",
      ],
    );
    assert.match(String(faults[2]), /is not known here/);
    assert.match(String(faults[4]), /write numbers in quotes/);
  });

  it("tells of names used twice, of lists that are not there, and of amounts without sense", () => {
    const bad = `rules:
  - name: one
    decision: deny
    when: { token: [$none] }
  - name: one
    decision: deny
    when:
      amount: { EUR: { over: -1 } }
  - name: two
    decision: deny
    when:
      amount: { above: 1 }
`;
    assert.deepEqual(
      faultsOf(bad).map((fault) => fault.split(":")[0]),
      ["4 rules.0.when.token.0", "5 rules.1.name", "8 rules.1.when.amount.EUR.over", "12 rules.2.when.amount.above"],
    );
  });

  it("tells where a file is no YAML, and where a key comes twice", () => {
    assert.match(String(faultsOf("rules:\n  - name: [\n")[0]), /^[23] /);
    assert.match(String(faultsOf(`${good}rules: []\n`)[0]), /^10 .*unique/);
  });

  it("an empty file is refused", () => {
    assert.equal(faultsOf("").length, 1);
  });
});
