import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { cornerCases, type ProofCase, proveChart, randomCases } from "@kassa/helm-emitter/proof";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { chartNamed, charts } from "./charts.ts";
import { environmentValues } from "./environment-values.ts";
import { casesByHand, oneSided } from "./proof-by-hand.ts";

const SEED = 20_261_121;
const RANDOM_CASES = 200;
/** Helms at once; this process reads what they print meanwhile. */
const CONCURRENCY = 2;

if (requirePart("helm", hasHelm())) {
  describe("what the model synthesises is what helm template prints", () => {
    const said: string[] = [];
    const goOneWay: string[] = [];
    after(() => console.log(said.join("\n")));

    it("for each environment", async () => {
      const cases = environmentValues.map(
        ({ name, values }): ProofCase => ({ name, values, releaseName: "kassa", namespace: "kassa" }),
      );
      await proveChart({ chart: chartNamed("kassa"), helm: helmProgram(), cases, allowOneSided: "all" });
    });

    for (const chart of charts) {
      it(`for ${RANDOM_CASES} random values of ${chart.name}, with every guard seen both ways`, async () => {
        const random = randomCases(chart, { seed: SEED, count: RANDOM_CASES });
        assert.equal(random.length, RANDOM_CASES);
        const known = [...random, ...casesByHand(chart)];
        const cases = [...known, ...cornerCases(chart, { besides: known })];
        const allowOneSided = oneSided.map(({ guard }) => guard);
        const report = await proveChart({ chart, helm: helmProgram(), cases, allowOneSided, concurrency: CONCURRENCY });
        goOneWay.push(...report.oneSided);
        said.push(
          `${chart.name}: ${report.cases} cases, ${report.objects} objects, ${report.refused} refused by both; guards that go one way: ${report.oneSided.length}`,
        );
      });
    }

    it("and every guard that may go one way only does so", () => {
      for (const { guard } of oneSided)
        assert.ok(
          goOneWay.some((one) => one.includes(guard)),
          `${guard} goes both ways`,
        );
    });
  });
}
