import assert from "node:assert/strict";
import { it } from "node:test";
import { cornerCases, proveChart, randomCases } from "@kassa/helm-emitter/proof";
import { hasHelm, helmProgram } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { chartNamed } from "../charts.ts";
import { casesByHand, oneSidedGuards } from "./cases-by-hand.ts";

const SEED = 20_261_121;
const RANDOM_CASES = 200;

/** Registers the test of one chart. They are files of their own, so that they run side by side. */
export function proveRandomValues(name: string): void {
  if (!requirePart("helm", hasHelm())) return;
  it(`${name}: for ${RANDOM_CASES} random values, what the model synthesises is what helm template prints; every guard goes both ways`, async () => {
    const chart = chartNamed(name);
    const random = randomCases(chart, { seed: SEED, count: RANDOM_CASES });
    assert.equal(random.length, RANDOM_CASES);
    const known = [...random, ...casesByHand(name)];
    const cases = [...known, ...cornerCases(chart, { besides: known })];
    const allowOneSided = oneSidedGuards.filter((one) => one.charts.includes(name)).map(({ guard }) => guard);
    const report = await proveChart({ chart, helm: helmProgram(), cases, allowOneSided });
    for (const guard of allowOneSided) {
      assert.ok(
        report.oneSided.some((one) => one.includes(guard)),
        `${guard} goes both ways: take it from the list`,
      );
    }
    console.log(
      `${name}: ${report.cases} cases, ${report.objects} objects, ${report.refused} refused by both; guards that go one way: ${report.oneSided.length}`,
    );
  });
}
