import { Visitor } from "oxc-parser";
import { type Finding, isTest, lineAt, type SourceFile } from "./source-file.ts";

/** Words that say nothing about what a thing is: as a part of a name that we declare, and of a file's name. */
const EMPTY_WORD = /^(utils?|helpers?|managers?)$/i;
const EMPTY_FILE_WORD = /^(utils?|helpers?|managers?|common|misc|stuff)$/i;

/** Where the rule of default exports cannot hold. */
const defaultExportNeeded: readonly { readonly path: string; readonly because: string }[] = [
  { path: "scripts/test-runner/event-reporter.ts", because: "node:test loads a reporter by its default export" },
  { path: "loadtests/payments.js", because: "k6 runs a script's default export" },
];

const PRINTING_ALLOWED = /^(cli|scripts|bench|cdk8s\/src\/main)\b/;
const UNFINISHED = /\b(TODO|FIXME|XXX)\b/;
const MACHINE_PATH = /(?<![\w.~-])\/(?:work|root|home\/\w+|Users\/\w+)\/[\w.]/g;

/** Names that say nothing, unfinished work, default exports, stray printing, paths of somebody's machine. */
export function checkWords(file: SourceFile): Finding[] {
  return [...checkPath(file), ...checkMachinePaths(file), ...checkUnfinished(file), ...checkDeclarations(file)];
}

function checkPath(file: SourceFile): Finding[] {
  const word = file.path.split(/[/._-]/).find((part) => EMPTY_FILE_WORD.test(part));
  if (word === undefined) return [];
  return [{ path: file.path, line: 1, sentence: `"${word}" in the path says nothing: name the thing` }];
}

function checkMachinePaths(file: SourceFile): Finding[] {
  return [...file.text.matchAll(MACHINE_PATH)].map((match) => ({
    path: file.path,
    line: lineAt(file, match.index),
    sentence: "holds a path of one machine",
  }));
}

function checkUnfinished(file: SourceFile): Finding[] {
  const comments =
    file.module?.comments ?? (/\.(sql|sh|ya?ml)$/.test(file.path) ? [{ value: file.text, start: 0 }] : []);
  return comments.flatMap(({ value, start }) => {
    const match = UNFINISHED.exec(value);
    if (match === null) return [];
    return [
      { path: file.path, line: lineAt(file, start + match.index), sentence: `${match[0]}: do it, or open an issue` },
    ];
  });
}

function checkDeclarations(file: SourceFile): Finding[] {
  if (file.module === undefined) return [];
  const findings: Finding[] = [];
  const find = (offset: number, sentence: string) =>
    findings.push({ path: file.path, line: lineAt(file, offset), sentence });
  const declare = (node: { readonly start: number; readonly id?: unknown }) => {
    const { name } = (node.id ?? {}) as { name?: string };
    const word = name?.split(/(?=[A-Z])|_/).find((part) => EMPTY_WORD.test(part));
    if (word !== undefined) find(node.start, `"${word}" in the name ${name} says nothing: name the thing`);
  };
  const declareType = (node: { readonly start: number; readonly id: { readonly name: string } }) => {
    declare(node);
    if (/^I[A-Z][a-z]/.test(node.id.name)) find(node.start, `${node.id.name}: no I before a type's name`);
  };
  new Visitor({
    FunctionDeclaration: declare,
    ClassDeclaration: declare,
    VariableDeclarator: declare,
    TSInterfaceDeclaration: declareType,
    TSTypeAliasDeclaration: declareType,
    CallExpression: (node) => {
      const called = file.text.slice(node.callee.start, node.callee.end);
      if (called !== "console.log" || isTest(file.path) || PRINTING_ALLOWED.test(file.path)) return;
      find(node.start, "console.log: use the log");
    },
  }).visit(file.module.program);
  return [...findings, ...checkDefaultExports(file)];
}

function checkDefaultExports(file: SourceFile): Finding[] {
  if (defaultExportNeeded.some(({ path }) => path === file.path)) return [];
  const exports = file.module?.module.staticExports ?? [];
  return exports
    .filter(({ entries }) =>
      entries.some(({ exportName }) => exportName.kind === "Default" || exportName.name === "default"),
    )
    .map(({ start }) => ({ path: file.path, line: lineAt(file, start), sentence: "default export: give it a name" }));
}
