import type { ScreeningRequest } from "@kassa/contracts/fraud-routes";
import type { Screening } from "@kassa/contracts/payment-events";
import {
  type AmountBounds,
  type Decision,
  type ListedMember,
  listedMembers,
  type Rule,
  type RuleSet,
} from "./rule-set.ts";

export type Screener = (request: ScreeningRequest) => Screening;

/** Reasons in one answer at most. */
const MAX_REASONS = 50;

/** From the one that outweighs the others down. */
export const precedence: readonly Decision[] = ["allow", "deny", "review"];

type Condition = (request: ScreeningRequest) => boolean;

type Compiled = { readonly name: string; readonly matches: Condition };

/**
 * Compiles the rules once. The reasons of a screening are the names of the rules that fit and made the decision, in the order of the
 * file; a payment that no rule fits is allowed without a reason.
 */
export function compileRules(ruleSet: RuleSet): Screener {
  const groups = precedence.map((decision) => ({
    decision,
    rules: ruleSet.rules.filter((rule) => rule.decision === decision).map(compile),
  }));
  return (request) => {
    for (const { decision, rules } of groups) {
      const reasons = reasonsOf(rules, request);
      if (reasons.length > 0) return { decision, reasons, rule_set: ruleSet.version, fallback: false };
    }
    return { decision: "allow", reasons: [], rule_set: ruleSet.version, fallback: false };
  };
}

function reasonsOf(rules: readonly Compiled[], request: ScreeningRequest): string[] {
  const reasons: string[] = [];
  for (const rule of rules) {
    if (reasons.length < MAX_REASONS && rule.matches(request)) reasons.push(rule.name);
  }
  return reasons;
}

function compile(rule: Rule): Compiled {
  const conditions = [...amountConditions(rule), ...listConditions(rule)];
  return { name: rule.name, matches: (request) => conditions.every((holds) => holds(request)) };
}

function amountConditions({ amount, amountByCurrency }: Rule): Condition[] {
  const conditions: Condition[] = [];
  if (amount !== undefined) conditions.push((request) => isWithin(amount, request.amount));
  if (amountByCurrency !== undefined) {
    const bounds = new Map(Object.entries(amountByCurrency));
    conditions.push(({ currency, amount: minor }) => {
      const own = bounds.get(currency);
      return own !== undefined && isWithin(own, minor);
    });
  }
  return conditions;
}

function isWithin({ over, at_least, under, at_most }: AmountBounds, amount: number): boolean {
  if (over !== undefined && amount <= over) return false;
  if (at_least !== undefined && amount < at_least) return false;
  if (under !== undefined && amount >= under) return false;
  return at_most === undefined || amount <= at_most;
}

/** A payment that does not tell the member does not fit. */
function listConditions({ listed }: Rule): Condition[] {
  return (Object.entries(listed) as [ListedMember, readonly string[]][]).map(([member, values]) => {
    const set = new Set(values);
    const name = listedMembers[member];
    return (request) => {
      const value = request[name];
      return value !== undefined && set.has(value);
    };
  });
}
