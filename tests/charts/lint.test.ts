import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { charts } from "./charts.ts";
import { environmentValues } from "./environment-values.ts";
import { ChartsCopy, helm, KUBE_VERSION } from "./helm-command.ts";

if (requirePart("helm", hasHelm())) {
  describe("helm lint --strict", () => {
    let copy: ChartsCopy;
    before(async () => {
      copy = await ChartsCopy.make();
    });
    after(() => copy[Symbol.dispose]());

    const lint = async (chart: string, ...args: readonly string[]) => {
      const { code, stdout, stderr } = await helm(
        "lint",
        copy.chart(chart),
        "--strict",
        "--kube-version",
        KUBE_VERSION,
        ...args,
      );
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/);
      assert.doesNotMatch(stdout, /\[(WARNING|ERROR)\]/);
    };

    for (const { name } of charts) it(`finds nothing in ${name} with its defaults`, () => lint(name));
    for (const { name } of environmentValues) {
      it(`finds nothing in kassa with the values of ${name}`, () =>
        lint("kassa", "--values", join(copy.chart("kassa"), `values-${name}.yaml`)));
    }
  });
}
