/**
 * Writes the pages of docs/ that are made from tables in the code.
 *
 *     node scripts/generate-docs.ts [--check]
 *
 * With --check nothing is written: it exits with 1 when a page is not as the code has it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { errorsPage } from "./docs/errors-page.ts";

const pages = [{ path: "docs/errors.md", text: errorsPage() }];

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const root = dirname(import.meta.dirname);

for (const { path, text } of pages) {
  if (current(path) === text) continue;
  if (options.check) {
    console.error(`${path} is not as the code has it: run node scripts/generate-docs.ts`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}
