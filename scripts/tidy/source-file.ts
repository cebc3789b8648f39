import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { type ParseResult, parseSync } from "oxc-parser";

/** One text file of the repository, its path from the root with slashes. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  /** For TypeScript and JavaScript. */
  readonly module: ParseResult | undefined;
};

/** Something that must be changed, where, and why. */
export type Finding = { readonly path: string; readonly line: number; readonly sentence: string };

const TEXT = new Set([
  ".ts",
  ".js",
  ".mjs",
  ".sql",
  ".sh",
  ".md",
  ".json",
  ".yml",
  ".yaml",
  ".toml",
  ".tf",
  ".xml",
  "",
]);
const CODE = new Set([".ts", ".js", ".mjs"]);
const GENERATED = new Set(["package-lock.json", "node_modules", "coverage", "charts"]);

/** Every text file below `root`, without dependencies, generated files and hidden folders except `.ci`. */
export function readSourceFiles(root: string, folder = ""): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (GENERATED.has(entry.name) || (entry.name.startsWith(".") && entry.name !== ".ci")) return [];
    if (entry.isDirectory()) return readSourceFiles(root, path);
    return entry.isFile() && TEXT.has(extname(path)) ? [sourceFile(path, readFileSync(join(root, path), "utf8"))] : [];
  });
}

export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, module: CODE.has(extname(path)) ? parseSync(path, text) : undefined };
}

/** The line of an offset, from 1. */
export function lineAt(file: SourceFile, offset: number): number {
  let line = 1;
  for (let at = file.text.indexOf("\n"); at !== -1 && at < offset; at = file.text.indexOf("\n", at + 1)) line += 1;
  return line;
}

export function isTest(path: string): boolean {
  return /\.test\.ts$|(^|\/)test\/|^tests\/|^bench\//.test(path);
}
