/**
 * What Helm makes of each environment is kept in rendered/, so that a change of the model can be read as what it changes in a cluster.
 * `KASSA_UPDATE_RENDERED=1 npm run test:charts` writes it anew.
 */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { environmentValues } from "./environment-values.ts";
import { ChartsCopy } from "./helm-command.ts";
import { type Rendering, renderAll } from "./renderings.ts";

const folder = join(import.meta.dirname, "rendered");
const names = [...environmentValues.map(({ name }) => name), "kassa-backing"];
const UPDATE = "KASSA_UPDATE_RENDERED";
const isUpdate = process.env[UPDATE] === "1";
const HEADING = `# What Helm makes of it; ${UPDATE}=1 npm run test:charts writes it anew.\n`;

if (requirePart("helm", hasHelm())) {
  describe("tests/charts/rendered is what Helm makes of the charts", () => {
    let renderings: Rendering[];
    before(async () => {
      using copy = await ChartsCopy.make();
      renderings = await renderAll(copy);
      if (isUpdate) for (const { name, text } of renderings) writeFileSync(fileOf(name), HEADING + text);
    });

    for (const name of names) {
      it(`for ${name}`, () => {
        const file = fileOf(name);
        assert.ok(existsSync(file), `${file} is not there: ${UPDATE}=1 npm run test:charts writes it`);
        const kept = readFileSync(file, "utf8");
        const made = HEADING + renderings.find((one) => one.name === name)?.text;
        assert.equal(
          firstDifference(kept, made),
          undefined,
          `look at what changes, then ${UPDATE}=1 npm run test:charts`,
        );
      });
    }

    it("and nothing else is there", () => {
      assert.deepEqual(globSync("*", { cwd: folder }).sort(), names.map((name) => `${name}.yaml`).sort());
    });
  });
}

function fileOf(name: string): string {
  return join(folder, `${name}.yaml`);
}

/** The first line that differs, with its number; undefined when the texts are the same. */
function firstDifference(kept: string, made: string): string | undefined {
  if (kept === made) return undefined;
  const [old, now] = [kept.split("\n"), made.split("\n")];
  const longer = now.length < old.length ? old : now;
  const at = longer.findIndex((_, index) => now[index] !== old[index]);
  return `line ${at + 1}: ${JSON.stringify(old[at])} is now ${JSON.stringify(now[at])}`;
}
