import { Visitor } from "oxc-parser";
import { type Finding, isTest, lineAt, type SourceFile } from "./source-file.ts";

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 70;

/** What is too long but was so when the rule came: it may only shrink. Lines by `path` or `path#function`. */
export type Ratchet = Readonly<Record<string, number>>;

type Size = {
  readonly key: string;
  readonly path: string;
  readonly line: number;
  readonly lines: number;
  readonly limit: number;
};

/** Refuses what is too long, unless the ratchet knows it at that length; and a ratchet that is looser than it needs to be. */
export function checkSizes(files: readonly SourceFile[], ratchet: Ratchet): Finding[] {
  const excess = measureExcess(files);
  const tooLong = [...excess.values()].filter(({ key, lines }) => lines > (ratchet[key] ?? 0));
  const loose = Object.entries(ratchet).filter(([key, lines]) => lines > (excess.get(key)?.lines ?? 0));
  return [
    ...tooLong.map(({ key, path, line, lines, limit }) => ({
      path,
      line,
      sentence: `${key} has ${lines} lines, ${ratchet[key] ?? limit} are allowed: split it by idea`,
    })),
    ...loose.map(([key]) => ({
      path: key.split("#")[0] ?? key,
      line: 1,
      sentence: `${key} has shrunk: lower the ratchet with node scripts/tidy.ts --update`,
    })),
  ];
}

/** The ratchet lowered to what is there now. Nothing is added or raised. */
export function lowerRatchet(files: readonly SourceFile[], ratchet: Ratchet): Ratchet {
  const excess = measureExcess(files);
  const lowered = Object.entries(ratchet).flatMap(([key, lines]) => {
    const now = excess.get(key)?.lines;
    return now === undefined ? [] : [[key, Math.min(now, lines)] as const];
  });
  return Object.fromEntries(lowered.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function measureExcess(files: readonly SourceFile[]): Map<string, Size> {
  const excess = new Map<string, Size>();
  for (const size of files.flatMap((file) => [...fileSize(file), ...functionSizes(file)])) {
    const known = excess.get(size.key)?.lines ?? size.limit;
    if (size.lines > known) excess.set(size.key, size);
  }
  return excess;
}

function fileSize(file: SourceFile): Size[] {
  if (file.module === undefined) return [];
  const lines = file.text.trimEnd().split("\n").length;
  return [{ key: file.path, path: file.path, line: 1, lines, limit: MAX_FILE_LINES }];
}

type Span = { readonly start: number; readonly end: number };
type Named = { readonly id?: { readonly name?: string } | null; readonly key?: { readonly name?: string } };

type Call = { readonly expression?: { readonly callee?: { readonly name?: string } } };
type Bodied = { readonly body?: { readonly body?: readonly Call[] } | null };

/** A suite is a list of tests: its length is that of a file, not that of a function. */
function isSuite(node: Bodied): boolean {
  const statements = node.body?.body;
  return (
    Array.isArray(statements) &&
    statements.some(({ expression }) => /^(test|it|describe)$/.test(expression?.callee?.name ?? ""))
  );
}

function functionSizes(file: SourceFile): Size[] {
  if (file.module === undefined) return [];
  const sizes: Size[] = [];
  const names = new Map<number, string>();
  const note = (owner: Named, value: Span | null | undefined) => {
    const name = owner.id?.name ?? owner.key?.name;
    if (value && name !== undefined) names.set(value.start, name);
  };
  const measure = (node: Span & Named & Bodied) => {
    if (isTest(file.path) && isSuite(node)) return;
    const line = lineAt(file, node.start);
    const name = node.id?.name ?? names.get(node.start) ?? "anonymous";
    const lines = lineAt(file, node.end) - line + 1;
    sizes.push({ key: `${file.path}#${name}`, path: file.path, line, lines, limit: MAX_FUNCTION_LINES });
  };
  new Visitor({
    VariableDeclarator: (node) => note(node as Named, node.init),
    MethodDefinition: (node) => note(node as Named, node.value),
    PropertyDefinition: (node) => note(node as Named, node.value),
    Property: (node) => note(node as Named, node.value),
    FunctionDeclaration: (node) => measure(node as Span & Named & Bodied),
    FunctionExpression: (node) => measure(node as Span & Named & Bodied),
    ArrowFunctionExpression: (node) => measure(node as Span & Named & Bodied),
  }).visit(file.module.program);
  return sizes;
}
