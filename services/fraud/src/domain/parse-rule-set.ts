import { hash } from "node:crypto";
import type { Static, TSchema } from "typebox";
import type { TLocalizedValidationError } from "typebox/error";
import { Value } from "typebox/value";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import {
  AmountBounds,
  AmountByCurrency,
  type ListedMember,
  listedMembers,
  type Rule,
  type RuleSet,
  RuleSetFrame,
  type RuleSetText,
  RuleText,
} from "./rule-set.ts";
import { type RuleFault, RuleSetError } from "./rule-set-error.ts";

/**
 * Reads a file of rules, strictly: what it does not know it refuses.
 * @param file shown in faults
 * @throws RuleSetError with every fault and its line
 */
export function parseRuleSet(text: string, file: string): RuleSet {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => {
      const sentence = error.message.split("\n")[0] ?? "is not YAML";
      return { line: lines.linePos(error.pos[0]).line, path: "", sentence };
    });
    throw new RuleSetError(file, faults);
  }
  const source: Source = { document, lines };
  const value: unknown = document.toJS();
  const faults = shapeFaults(value, source);
  if (faults.length > 0) throw new RuleSetError(file, faults);
  const ruleSet = value as RuleSetText;
  const meaning = meaningFaults(ruleSet, source);
  if (meaning.length > 0) throw new RuleSetError(file, meaning);
  return { version: ruleSet.version ?? hashOf(text), rules: ruleSet.rules.map((rule) => resolve(rule, ruleSet)) };
}

type Source = { readonly document: Document; readonly lines: LineCounter };
type Path = readonly (string | number)[];

const HASH_DIGITS = 16;

function hashOf(text: string): string {
  return `sha256:${hash("sha256", text).slice(0, HASH_DIGITS)}`;
}

function shapeFaults(value: unknown, source: Source): RuleFault[] {
  const { rules } = (value ?? {}) as { rules?: unknown };
  const own = Array.isArray(rules)
    ? rules.flatMap((rule, index) => schemaFaults(RuleText, rule, ["rules", index], source))
    : [];
  return [...schemaFaults(RuleSetFrame, value, [], source), ...own];
}

// A member that is not known is told of by its own error, which has its path; the object's error is left out.
function schemaFaults(schema: TSchema, value: unknown, at: Path, source: Source): RuleFault[] {
  const errors = [...Value.Errors(schema, value)].filter(({ keyword }) => keyword !== "additionalProperties");
  const byPath = new Map<string, RuleFault>();
  for (const error of errors) {
    const path = [...at, ...pathOf(error)];
    const key = path.join(".");
    // The first error of a member is enough: unions tell the same again for each of their branches.
    if (!byPath.has(key)) byPath.set(key, { line: lineOf(path, source), path: key, sentence: sentenceOf(error) });
  }
  return [...byPath.values()];
}

function pathOf({ instancePath }: TLocalizedValidationError): Path {
  return instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function sentenceOf(error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case "boolean":
      return "is not known here";
    case "required":
      return `lacks ${error.params.requiredProperties.join(" and ")}`;
    case "enum":
      return `must be one of ${error.params.allowedValues.join(", ")}`;
    case "type":
      return error.params.type === "string" ? "must be a text; write numbers in quotes" : error.message;
    default:
      return error.message;
  }
}

/** The line of the member, or of the nearest thing around it. Of a pair it is the line of its key. */
function lineOf(path: Path, { document, lines }: Source): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function offsetOf(document: Document, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1).map(indexOrKey), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path.map(indexOrKey), true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function indexOrKey(part: string | number): string | number {
  return typeof part === "string" && /^[0-9]+$/.test(part) ? Number(part) : part;
}

/** What the schema cannot see: names used twice, lists that are not there, and which form an amount has. */
function meaningFaults(ruleSet: RuleSetText, source: Source): RuleFault[] {
  const names = new Set<string>();
  return ruleSet.rules.flatMap((rule, index) => {
    const at: Path = ["rules", index];
    const isTwice = names.has(rule.name);
    names.add(rule.name);
    const path = [...at, "name"];
    const twice = { line: lineOf(path, source), path: path.join("."), sentence: `${rule.name} is used twice` };
    return [...(isTwice ? [twice] : []), ...amountFaults(rule, at, source), ...listFaults(rule, at, ruleSet, source)];
  });
}

function amountFaults(rule: RuleText, at: Path, source: Source): RuleFault[] {
  const { amount } = rule.when;
  if (amount === undefined) return [];
  return schemaFaults(
    isByCurrency(amount) ? AmountByCurrency : AmountBounds,
    amount,
    [...at, "when", "amount"],
    source,
  );
}

function isByCurrency(amount: object): boolean {
  return Object.keys(amount).some((key) => /^[A-Z]/.test(key));
}

function listFaults(rule: RuleText, at: Path, { lists = {} }: RuleSetText, source: Source): RuleFault[] {
  return members.flatMap((member) =>
    (rule.when[member] ?? []).flatMap((value, index) => {
      if (!isReference(value) || Object.hasOwn(lists, value.slice(1))) return [];
      const path = [...at, "when", member, index];
      return [{ line: lineOf(path, source), path: path.join("."), sentence: `names no list: ${value}` }];
    }),
  );
}

const members = Object.keys(listedMembers) as ListedMember[];

function isReference(value: unknown): value is `$${string}` {
  return typeof value === "string" && value.startsWith("$");
}

function resolve({ name, decision, when }: RuleText, { lists = {} }: RuleSetText): Rule {
  const listed: Partial<Record<ListedMember, readonly string[]>> = {};
  for (const member of members) {
    const values = when[member] as readonly string[] | undefined;
    if (values === undefined) continue;
    listed[member] = values.flatMap((value) => (isReference(value) ? (lists[value.slice(1)] ?? []) : [value]));
  }
  const { amount } = when;
  const isSplit = amount !== undefined && isByCurrency(amount);
  return {
    name,
    decision,
    amount: amount === undefined || isSplit ? undefined : (amount as Static<typeof AmountBounds>),
    amountByCurrency: isSplit ? (amount as Static<typeof AmountByCurrency>) : undefined,
    listed,
  };
}
