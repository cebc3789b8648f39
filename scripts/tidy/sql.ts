import { basename, dirname } from "node:path";
import { Visitor } from "oxc-parser";
import { type Finding, lineAt, type SourceFile } from "./source-file.ts";

const MIGRATION = /(^|\/)migrations\/[^/]+\.sql$/;
const MIGRATION_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

const KEYWORDS =
  /\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TABLE|INDEX|FROM|WHERE|INTO|VALUES|PRIMARY|FOREIGN|REFERENCES|UNIQUE|CHECK|DEFAULT|NULL|NOT|ORDER|GROUP|LIMIT|RETURNS|LANGUAGE|FUNCTION|BEGIN|COMMIT|DECLARE|PARTITION|GRANT|CONSTRAINT)\b/;
/** How a statement begins, in a string of a program. A lone DELETE is a method of HTTP. */
const STATEMENT =
  /^\s*(SELECT\s|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+\w|ALTER\s+\w|DROP\s+\w|WITH\s+\w+\s+AS|(BEGIN|COMMIT|ROLLBACK)\s*$|LISTEN\s|NOTIFY\s|LOCK\s+TABLE|TRUNCATE\s)/;

/** Migrations are numbered from 0001 without a gap, so that everybody applies the same ones in the same order. */
export function checkMigrationNumbers(files: readonly SourceFile[]): Finding[] {
  const folders = Map.groupBy(
    files.map(({ path }) => path).filter((path) => MIGRATION.test(path)),
    dirname,
  );
  return [...folders.values()].flatMap((paths) =>
    paths.toSorted().flatMap((path, index) => {
      const expected = String(index + 1).padStart(4, "0");
      if (MIGRATION_NAME.exec(basename(path))?.[1] === expected) return [];
      return [{ path, line: 1, sentence: `migrations are named ${expected}_what_it_does.sql, numbered without a gap` }];
    }),
  );
}

/** SQL stands in lower case, in files and in strings. */
export function checkSqlCase(file: SourceFile): Finding[] {
  const finding = (offset: number, word: string) => ({
    path: file.path,
    line: lineAt(file, offset),
    sentence: `SQL stands in lower case: ${word.trim()}`,
  });
  if (file.path.endsWith(".sql")) {
    const match = KEYWORDS.exec(blankOut(file.text));
    return match === null ? [] : [finding(match.index, match[0])];
  }
  if (file.module === undefined) return [];
  const findings: Finding[] = [];
  const look = (text: string, offset: number) => {
    const match = STATEMENT.exec(text);
    if (match !== null) findings.push(finding(offset, match[0]));
  };
  new Visitor({
    Literal: (node) => (typeof node.value === "string" ? look(node.value, node.start) : undefined),
    TemplateLiteral: (node) => look(node.quasis[0]?.value.raw ?? "", node.start),
  }).visit(file.module.program);
  return findings;
}

/** Comments, string literals and quoted names become blanks of the same length. */
function blankOut(sql: string): string {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"/g, (part) => part.replaceAll(/[^\n]/g, " "));
}
