import { ChartDefinitionError } from "../chart-definition-error.ts";
import type { ExpressionNode } from "../expression/expression.ts";
import { neutralPrint } from "../expression/print-expression.ts";
import { isNeverEmpty } from "../expression/shape.ts";
import type { Child, GuardChild, ListNode, MapNode, Slot, TreeNode } from "./tree.ts";

/**
 * When a mapping or a list has something in it: always, or when one of the conditions holds. `undefined` when no condition can say it: a loop
 * whose items are conditional themselves.
 */
type Presence = "always" | readonly ExpressionNode[] | undefined;

/** Conditions that hold around a place, by their neutral print. */
type Known = ReadonlySet<string>;

/**
 * The tree in which no mapping and no list can come out empty and print as null: where all children are conditional, the key or the
 * item itself goes under a guard; a guard whose condition holds anyway disappears. What was written empty (`{}`, `[]`) stays so.
 * The place of the tree itself cannot be left out: it is an object, a named mapping or a text.
 * @throws ChartDefinitionError when no guard can be found
 */
export function settleTree<T extends TreeNode>(tree: T, at: string, conditions: readonly ExpressionNode[] = []): T {
  return settleRoot(tree, at, new Set(conditions.map(neutralPrint)));
}

function settleRoot<T extends TreeNode>(tree: T, at: string, known: Known): T {
  const settled = settle(tree, at, known);
  if ((settled.kind === "map" || settled.kind === "list") && settled.children.length > 0) {
    if (presenceOf(settled.children, known) !== "always") {
      throw new ChartDefinitionError(
        `${at}: all of it is conditional, and it cannot be left out: give it one entry that is always there`,
      );
    }
  }
  return settled;
}

function settle<T extends TreeNode>(tree: T, at: string, known: Known): T {
  if (tree.kind === "yamlText") return { ...tree, tree: settleRoot(tree.tree, at, known) };
  if (tree.kind !== "map" && tree.kind !== "list") return tree;
  return { ...tree, children: tree.children.flatMap((child) => settleChild(child, at, known)) };
}

function settleChild(child: Child, at: string, known: Known): Child[] {
  switch (child.kind) {
    case "spread":
      return [child];
    case "each":
      return [{ ...child, children: child.children.flatMap((inner) => settleChild(inner, at, known)) }];
    case "guard":
      return settleGuard(child, at, known);
    case "slot":
      return [settleSlot(child, typeof child.key === "string" ? `${at}.${child.key}` : at, known)];
  }
}

function settleGuard(child: GuardChild, at: string, known: Known): Child[] {
  const condition = neutralPrint(child.guard.condition);
  const children = child.children.flatMap((inner) => settleChild(inner, at, new Set([...known, condition])));
  if (known.has(condition)) return children;
  const otherwise = child.otherwise.flatMap((inner) => settleChild(inner, at, known));
  return [{ ...child, children, otherwise }];
}

function settleSlot(slot: Slot, at: string, known: Known): Child {
  const value = settle(slot.value, at, known);
  const settled: Slot = { ...slot, value };
  if ((value.kind !== "map" && value.kind !== "list") || value.children.length === 0) return settled;
  const presence = presenceOf(value.children, known);
  if (presence === "always") return settled;
  if (presence === undefined) {
    throw new ChartDefinitionError(
      `${at} holds nothing but a loop whose items are conditional: it may come out empty, and no condition can say when`,
    );
  }
  if (known.has(neutralPrint(anyOf(presence)))) return settled;
  const hoisted = hoist(settled, value, presence);
  // What is inside may ask for the same condition once more.
  const within = new Set([...known, neutralPrint(hoisted.guard.condition)]);
  return { ...hoisted, children: hoisted.children.flatMap((inner) => settleChild(inner, at, within)) };
}

/** The slot under a guard that holds when one of its children is there. A single guard moves outwards. */
function hoist(slot: Slot, value: MapNode | ListNode, presence: readonly ExpressionNode[]): GuardChild {
  const [only, ...others] = value.children;
  if (others.length === 0 && only?.kind === "guard" && only.otherwise.length === 0) {
    return { ...only, children: [{ ...slot, value: { ...value, children: only.children } }] };
  }
  if (others.length === 0 && only?.kind === "spread") {
    const block: TreeNode = { kind: "block", node: only.of };
    return {
      kind: "guard",
      guard: { kind: "with", condition: only.of },
      children: [{ ...slot, value: block }],
      otherwise: [],
    };
  }
  return { kind: "guard", guard: { kind: "if", condition: anyOf(presence) }, children: [slot], otherwise: [] };
}

function anyOf(conditions: readonly ExpressionNode[]): ExpressionNode {
  const different = new Map(conditions.map((condition) => [neutralPrint(condition), condition]));
  const [first, ...rest] = different.values();
  if (first === undefined) throw new ChartDefinitionError("a guard needs a condition");
  return rest.length === 0 ? first : { kind: "call", name: "or", args: [first, ...rest] };
}

function presenceOf(children: readonly Child[], known: Known): Presence {
  const presences = children.map((child) => presenceOfChild(child, known));
  if (presences.includes("always")) return "always";
  const conditions: ExpressionNode[] = [];
  for (const presence of presences) {
    if (presence === undefined) return undefined;
    conditions.push(...(presence as readonly ExpressionNode[]));
  }
  return conditions;
}

function presenceOfChild(child: Child, known: Known): Presence {
  switch (child.kind) {
    case "slot":
      return "always";
    case "spread":
      return filledWhen(child.of, known);
    case "each":
      return presenceOf(child.children, known) === "always" ? filledWhen(child.over, known) : undefined;
    case "guard": {
      const { condition } = child.guard;
      const [chosen, otherwise] = [presenceOf(child.children, known), presenceOf(child.otherwise, known)];
      if (chosen === "always" && otherwise === "always") return "always";
      const negated: ExpressionNode = { kind: "call", name: "not", args: [condition] };
      const alternative = child.otherwise.length === 0 ? [] : under(negated, otherwise);
      return both(under(condition, chosen), alternative);
    }
  }
}

function filledWhen(collection: ExpressionNode, known: Known): Presence {
  return isNeverEmpty(collection) || known.has(neutralPrint(collection)) ? "always" : [collection];
}

function under(condition: ExpressionNode, presence: Presence): Presence {
  if (presence === undefined) return undefined;
  if (presence === "always") return [condition];
  return presence.length === 0 ? [] : [{ kind: "call", name: "and", args: [condition, anyOf(presence)] }];
}

function both(a: Presence, b: Presence): Presence {
  if (a === undefined || b === undefined) return undefined;
  return [...(a as readonly ExpressionNode[]), ...(b as readonly ExpressionNode[])];
}
