/**
 * Holds the rules of the house that no linter knows: who may import whom, sizes, names, migrations.
 *
 *     node scripts/tidy.ts            says what must be changed; exits 1 when there is something
 *     node scripts/tidy.ts --update   lowers scripts/tidy-ratchet.json to what is left of the old excess
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { checkImports } from "./tidy/import-table.ts";
import { checkSizes, lowerRatchet, type Ratchet } from "./tidy/sizes.ts";
import { readSourceFiles } from "./tidy/source-file.ts";
import { checkMigrationNumbers, checkSqlCase } from "./tidy/sql.ts";
import { checkWords } from "./tidy/words.ts";

const { values: options } = parseArgs({
  options: {
    update: { type: "boolean", default: false },
    root: { type: "string", default: dirname(import.meta.dirname) },
  },
});

const files = readSourceFiles(options.root);
const ratchetFile = join(options.root, "scripts", "tidy-ratchet.json");
let ratchet = JSON.parse(readFileSync(ratchetFile, "utf8")) as Ratchet;
if (options.update) {
  ratchet = lowerRatchet(files, ratchet);
  writeFileSync(ratchetFile, `${JSON.stringify(ratchet, null, 2)}\n`);
}

const findings = [
  ...files.flatMap((file) => [...checkImports(file), ...checkWords(file), ...checkSqlCase(file)]),
  ...checkMigrationNumbers(files),
  ...checkSizes(files, ratchet),
];
for (const { path, line, sentence } of findings) console.log(`${path}:${line}: ${sentence}`);
console.log(`tidy: ${files.length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
