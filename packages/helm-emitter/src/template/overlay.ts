import { type Expr, nodeOf } from "../expression/expression.ts";
import type { Content, Guard } from "./content.ts";

/** One change of an object, addressed by a path (see path.ts). Overlays of one object may come in any order that finds its paths. */
export type Overlay =
  | { readonly kind: "set"; readonly path: string; readonly content: Content }
  | { readonly kind: "add"; readonly path: string; readonly content: Content }
  | { readonly kind: "merge"; readonly path: string; readonly content: Content }
  | { readonly kind: "append"; readonly path: string; readonly items: readonly Content[] }
  | { readonly kind: "guard"; readonly path: string; readonly guard: Guard }
  | { readonly kind: "remove"; readonly path: string };

/** Puts a content in the place of what is there. The path must exist. */
export const set = (path: string, content: Content): Overlay => ({ kind: "set", path, content });
/** Puts a whole mapping or list from values in the place of what is there: `toYaml | nindent`. */
export const block = (path: string, value: Expr): Overlay => ({ kind: "set", path, content: value });
/** Adds a key to a mapping that exists. The key must not exist. */
export const add = (path: string, content: Content): Overlay => ({ kind: "add", path, content });
/** Adds entries to a mapping that exists: an expression of a mapping, an object, `merged`. Static keys must not exist. */
export const merge = (path: string, content: Content): Overlay => ({ kind: "merge", path, content });
/** Adds items to a list that exists: contents, `spread`, `each`, `when`. */
export const append = (path: string, ...items: Content[]): Overlay => ({ kind: "append", path, items });
/** Leaves out the key, the list item or (with the empty path) the object unless the condition is true in Go's sense. */
export const onlyIf = (path: string, condition: Expr): Overlay => ({
  kind: "guard",
  path,
  guard: { kind: "if", condition: nodeOf(condition) },
});
/** The same with the value itself as the condition, which then prints as the dot: `{{- with .Values.x }}`. */
export const onlyWith = (path: string, value: Expr): Overlay => ({
  kind: "guard",
  path,
  guard: { kind: "with", condition: nodeOf(value) },
});
/** Takes a key or a list item away. The path must exist. */
export const remove = (path: string): Overlay => ({ kind: "remove", path });
