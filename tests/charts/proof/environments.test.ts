import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type ProofCase, proveChart } from "@kassa/helm-emitter/proof";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { chartNamed, charts } from "../charts.ts";
import { environmentValues } from "../environment-values.ts";

if (requirePart("helm", hasHelm())) {
  describe("what the model synthesises is what helm template prints", () => {
    for (const { name, values } of environmentValues) {
      it(`for the environment ${name}`, async () => {
        const cases: ProofCase[] = [{ name, values, releaseName: "kassa", namespace: "kassa" }];
        await proveChart({ chart: chartNamed("kassa"), helm: helmProgram(), cases, allowOneSided: "all" });
      });
    }

    for (const { name } of charts) {
      it(`for random values of ${name}, in a file of its own`, () => {
        assert.ok(existsSync(join(import.meta.dirname, `${name}.test.ts`)));
      });
    }
  });
}
