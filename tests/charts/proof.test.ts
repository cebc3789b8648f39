import { after, describe, it } from "node:test";
import { cornerCases, type ProofCase, proveChart, randomCases } from "@kassa/helm-emitter/proof";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { chartNamed, charts } from "./charts.ts";
import { environmentValues } from "./environment-values.ts";

const SEED = 20_261_121;
const RANDOM_CASES = 200;

if (requirePart("helm", hasHelm())) {
  describe("what the model synthesises is what helm template prints", () => {
    const said: string[] = [];
    after(() => console.log(said.join("\n")));

    for (const { name, values } of environmentValues) {
      it(`for the environment ${name}`, async () => {
        const cases: ProofCase[] = [{ name, values, releaseName: "kassa", namespace: "kassa" }];
        await proveChart({ chart: chartNamed("kassa"), helm: helmProgram(), cases, allowOneSided: "all" });
      });
    }

    for (const chart of charts) {
      it(`for ${RANDOM_CASES} random values of ${chart.name}, with every guard seen both ways`, async () => {
        const cases = [...cornerCases(chart), ...randomCases(chart, { seed: SEED, count: RANDOM_CASES })];
        const {
          objects,
          refused,
          cases: count,
          oneSided,
        } = await proveChart({ chart, helm: helmProgram(), cases, allowOneSided: "all" });
        said.push(
          `${chart.name}: ${count} cases, ${objects} objects, ${refused} refused by both, one-sided guards: ${oneSided.join("; ") || "none"}`,
        );
      });
    }
  });
}
