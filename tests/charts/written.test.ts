import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { chartFiles } from "@kassa/helm-emitter";
import { chartFolder, charts, chartsFolder } from "./charts.ts";

/** What Helm itself puts into a chart's folder; git ignores it. */
const HELMS_OWN = /^(charts\/|charts$|Chart\.lock$)/;

describe("charts/ is what `npm run charts` writes", () => {
  for (const chart of charts) {
    it(`${chart.name}: byte for byte`, () => {
      for (const [path, text] of chartFiles(chart)) {
        const file = join(chartFolder(chart.name), path);
        assert.ok(existsSync(file), `${chart.name}/${path} is not there: run npm run charts`);
        const line = firstDifference(readFileSync(file, "utf8"), text);
        assert.equal(line, undefined, `${chart.name}/${path}:${line} is not what is written: run npm run charts`);
      }
    });

    it(`${chart.name}: and nothing else`, () => {
      const folder = chartFolder(chart.name);
      const found = globSync(["**/*", "**/.*"], { cwd: folder }).filter(
        (path) => !HELMS_OWN.test(path) && statSync(join(folder, path)).isFile(),
      );
      assert.deepEqual([...new Set(found)].sort(), [...chartFiles(chart).keys()].sort());
    });
  }

  it("and holds no chart that the model does not know", () => {
    assert.deepEqual(globSync("*", { cwd: chartsFolder }).sort(), charts.map(({ name }) => name).sort());
  });
});

describe("every chart", () => {
  for (const chart of charts) {
    it(`${chart.name} says in its README what each value is for`, () => {
      const readme = chartFiles(chart).get("README.md") ?? "";
      assert.match(readme, new RegExp(`^# ${chart.name}$`, "m"));
      for (const key of Object.keys(chart.values.properties)) {
        assert.match(readme, new RegExp(`^\\| \`${key}\\b`, "m"), key);
      }
    });
  }
});

/** The number of the first line that differs; undefined when the texts are the same. */
function firstDifference(found: string, written: string): number | undefined {
  if (found === written) return undefined;
  const lines = written.split("\n");
  return found.split("\n").findIndex((line, at) => line !== lines[at]) + 1;
}
