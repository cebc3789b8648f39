import type { Document } from "../chart/document.ts";
import { ChartDefinitionError } from "../chart-definition-error.ts";
import { isExpr } from "../expression/expression.ts";
import { isMapping } from "../json.ts";
import { describeKeys } from "../nearest-key.ts";
import type { Content, Guard } from "./content.ts";
import type { Overlay } from "./overlay.ts";
import { parsePath, printStep, type Step } from "./path.ts";
import {
  type Child,
  listChildren,
  type MapNode,
  mapChildren,
  mapOf,
  type Slot,
  slotChildren,
  type TreeNode,
} from "./tree.ts";

/** An object while overlays are laid on it: which slot was changed by which of them, so that a contradiction is seen. */
type Work = {
  readonly name: string;
  readonly root: Slot & { value: MapNode };
  /** Where items of lists stood before any overlay: what `[0]` counts. */
  readonly places: ReadonlyMap<Slot, number>;
  readonly replaced: Map<Slot, Overlay>;
  readonly guards: Map<Slot, Guard>;
  /** Slots whose content came with a condition. */
  readonly conditional: Set<Slot>;
  /** Slots that an overlay went through or changed. */
  readonly touched: Map<Slot, Overlay>;
};

/** Where a slot hangs: needed to take it away. */
type Place = { readonly slot: Slot; readonly siblings: Child[] };

/** @throws ChartDefinitionError when a path matches nothing or two overlays contradict each other */
export function applyOverlays(content: Content, overlays: readonly Overlay[]): Document {
  const name = nameOf(content);
  const root = { kind: "slot", value: mapOf(content, name) } as const;
  const work: Work = {
    name,
    root,
    places: new Map(originalPlaces(root.value)),
    replaced: new Map(),
    guards: new Map(),
    conditional: new Set(),
    touched: new Map(),
  };
  for (const overlay of overlays) apply(work, overlay);
  placeGuards(work, work.root.value);
  const object: Document = { kind: "object", name, tree: work.root.value };
  const guard = work.guards.get(work.root);
  return guard === undefined ? object : { kind: "guard", guard, documents: [object] };
}

function originalPlaces(node: TreeNode): [Slot, number][] {
  if (node.kind !== "map" && node.kind !== "list") return [];
  return slotsOf(node.children).flatMap(({ slot }, at) => [
    [slot, at] as [Slot, number],
    ...originalPlaces(slot.value),
  ]);
}

function nameOf(content: Content): string {
  if (!isMapping(content)) return "the object";
  const { kind, metadata } = content as { kind?: unknown; metadata?: { name?: unknown } };
  const name = isExpr(metadata?.name) || metadata?.name === undefined ? "" : ` ${String(metadata.name)}`;
  return `${String(kind ?? "object")}${name}`;
}

function apply(work: Work, overlay: Overlay): void {
  switch (overlay.kind) {
    case "set":
      replace(work, overlay);
      return;
    case "add":
      addKey(work, overlay, parsePath(overlay.path));
      return;
    case "merge": {
      const target = findChanged(work, overlay).value;
      if (target.kind !== "map") throw failure(work, overlay, `is a ${target.kind}, not a mapping`);
      const added = mapChildren(overlay.content, `${work.name} ${overlay.path}`);
      for (const child of added) refuseKnownKey(work, overlay, target, child);
      target.children.push(...added);
      return;
    }
    case "append": {
      const target = findChanged(work, overlay).value;
      if (target.kind !== "list") throw failure(work, overlay, `is a ${target.kind}, not a list`);
      target.children.push(...overlay.items.flatMap((item) => listChildren(item, `${work.name} ${overlay.path}`)));
      return;
    }
    case "guard": {
      const { slot } = find(work, overlay, parsePath(overlay.path));
      if (work.guards.has(slot) || work.conditional.has(slot)) {
        throw failure(work, overlay, "has two guards: write one with and");
      }
      work.guards.set(slot, overlay.guard);
      work.touched.set(slot, overlay);
      return;
    }
    case "remove": {
      const { slot, siblings } = find(work, overlay, parsePath(overlay.path));
      if (slot === work.root) throw failure(work, overlay, "removes the whole object: leave it out");
      refuseTouched(work, overlay, slot);
      siblings.splice(siblings.indexOf(slot), 1);
      return;
    }
  }
}

function replace(work: Work, overlay: Overlay & { kind: "set" }): void {
  const { slot, siblings } = find(work, overlay, parsePath(overlay.path));
  if (slot === work.root) throw failure(work, overlay, "replaces the whole object: write another one");
  refuseTouched(work, overlay, slot);
  const at = `${work.name} ${overlay.path}`;
  const { key } = slot;
  const children = key === undefined ? listChildren(overlay.content, at) : slotChildren(key, overlay.content, at);
  const [only, ...others] = children;
  if (only?.kind === "slot" && others.length === 0) {
    slot.value = only.value;
    work.replaced.set(slot, overlay);
    return;
  }
  // A content with conditions of its own: what is there in each case must not be changed again, nor guarded once more.
  if (work.guards.has(slot))
    throw failure(work, overlay, "is guarded by another overlay: put the whole condition into one");
  siblings.splice(siblings.indexOf(slot), 1, ...children);
  for (const place of slotsOf(children)) {
    work.replaced.set(place.slot, overlay);
    work.conditional.add(place.slot);
  }
}

function addKey(work: Work, overlay: Overlay & { kind: "add" }, steps: readonly Step[]): void {
  const last = steps.at(-1);
  if (last?.kind !== "key") throw failure(work, overlay, "must end with a key: use append for a list");
  const { slot } = find(work, overlay, steps.slice(0, -1));
  if (slot.value.kind !== "map") throw failure(work, overlay, `is not in a mapping but in a ${slot.value.kind}`);
  if (keysOf(slot.value).includes(last.key)) throw failure(work, overlay, "exists already: use set");
  const parent = slot.value;
  const added = mapChildren({ [last.key]: overlay.content }, `${work.name} ${overlay.path}`);
  parent.children.push(...added);
  work.touched.set(slot, overlay);
}

function findChanged(work: Work, overlay: Overlay): Slot {
  const { slot } = find(work, overlay, parsePath(overlay.path));
  work.touched.set(slot, overlay);
  return slot;
}

function find(work: Work, overlay: Overlay, steps: readonly Step[]): Place {
  let place: Place = { slot: work.root, siblings: [] };
  for (const [index, step] of steps.entries()) {
    const cause = work.replaced.get(place.slot);
    if (cause !== undefined) throw contradiction(work, overlay, cause);
    work.touched.set(place.slot, overlay);
    const next = childAt(work, place.slot.value, step);
    if (next === undefined) {
      const parent = steps.slice(0, index).map(printStep).join(".") || "the object";
      const wanted = step.kind === "where" ? step.value : printStep(step);
      throw failure(
        work,
        overlay,
        `matches nothing: in ${parent} ${describeKeys(wanted, childNames(work, place.slot.value, step))}`,
      );
    }
    place = next;
  }
  const cause = work.replaced.get(place.slot);
  if (cause !== undefined && overlay.kind !== "guard") throw contradiction(work, overlay, cause);
  return place;
}

function childAt(work: Work, node: TreeNode, step: Step): Place | undefined {
  if (node.kind !== "map" && node.kind !== "list") return undefined;
  const places = slotsOf(node.children);
  if (step.kind === "key") return places.find(({ slot }) => slot.key === step.key);
  if (node.kind !== "list") return undefined;
  if (step.kind === "place") return places.find(({ slot }) => work.places.get(slot) === step.place);
  return places.find(({ slot }) => fieldOf(slot.value, step.field) === step.value);
}

/** All slots, also those under guards. */
function slotsOf(children: Child[]): Place[] {
  return children.flatMap((child): Place[] => {
    if (child.kind === "slot") return [{ slot: child, siblings: children }];
    return child.kind === "guard" ? [...slotsOf(child.children), ...slotsOf(child.otherwise)] : [];
  });
}

function fieldOf(node: TreeNode, field: string): string | undefined {
  if (node.kind !== "map") return undefined;
  const value = slotsOf(node.children).find(({ slot }) => slot.key === field)?.slot.value;
  return value?.kind === "scalar" ? String(value.value) : undefined;
}

function keysOf(node: TreeNode): string[] {
  if (node.kind !== "map") return [];
  return slotsOf(node.children).flatMap(({ slot }) => (typeof slot.key === "string" ? [slot.key] : []));
}

function childNames(work: Work, node: TreeNode, step: Step): string[] {
  if (node.kind !== "list") return keysOf(node);
  const items = slotsOf(node.children);
  if (step.kind !== "where")
    return items.flatMap(({ slot }) => (work.places.has(slot) ? `[${work.places.get(slot)}]` : []));
  return items.flatMap(({ slot }) => fieldOf(slot.value, step.field) ?? []);
}

function refuseKnownKey(work: Work, overlay: Overlay, target: TreeNode, child: Child): void {
  const known = keysOf(target);
  const twice = slotsOf([child]).find(({ slot }) => typeof slot.key === "string" && known.includes(slot.key));
  if (twice !== undefined) throw failure(work, overlay, `has the key ${String(twice.slot.key)} already: use set`);
}

function refuseTouched(work: Work, overlay: Overlay, slot: Slot): void {
  const cause = work.touched.get(slot) ?? work.replaced.get(slot);
  const isOnlyGuarded = cause?.kind === "guard" && cause.path === overlay.path && overlay.kind === "set";
  if (cause !== undefined && !isOnlyGuarded) throw contradiction(work, overlay, cause);
}

/** Guards go around their slots last, so that paths find the same slots before and after. */
function placeGuards(work: Work, node: TreeNode): void {
  if (node.kind !== "map" && node.kind !== "list") return;
  placeGuardsAmong(work, node.children);
}

function placeGuardsAmong(work: Work, children: Child[]): void {
  for (const [index, child] of children.entries()) {
    if (child.kind === "slot") {
      placeGuards(work, child.value);
      const guard = work.guards.get(child);
      if (guard !== undefined) children[index] = { kind: "guard", guard, children: [child], otherwise: [] };
    } else if (child.kind === "guard") {
      placeGuardsAmong(work, child.children);
      placeGuardsAmong(work, child.otherwise);
    } else if (child.kind === "each") {
      placeGuardsAmong(work, child.children);
    }
  }
}

function failure(work: Work, overlay: Overlay, sentence: string): ChartDefinitionError {
  return new ChartDefinitionError(`${work.name}: the path ${overlay.path || '""'} of ${overlay.kind} ${sentence}`);
}

function contradiction(work: Work, overlay: Overlay, cause: Overlay): ChartDefinitionError {
  const other = `${cause.kind} ${cause.path || '""'}`;
  return failure(work, overlay, `contradicts an earlier overlay, ${other}`);
}
