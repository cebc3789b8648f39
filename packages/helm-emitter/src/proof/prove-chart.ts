import { AssertionError } from "node:assert";
import type { Chart } from "../chart/chart.ts";
import { ChartFailure, type RenderedObject, renderObjects } from "../chart/synthesize.ts";
import { ChecksumLedger } from "./checksum-ledger.ts";
import { compareObjects } from "./compare-objects.ts";
import { GuardCoverage } from "./guard-coverage.ts";
import type { ProofCase } from "./proof-cases.ts";
import { ManifestReader } from "./read-manifests.ts";
import { HelmChart, type HelmOutcome } from "./run-helm.ts";

export type ProofReport = {
  readonly cases: number;
  readonly objects: number;
  /** Cases that both the chart and Helm refused. */
  readonly refused: number;
  /** Guards that were never seen both ways although they may stay so. */
  readonly oneSided: readonly string[];
};

export type ProofOptions = {
  readonly chart: Chart;
  /** The program: a path, or a name in the PATH. */
  readonly helm: string;
  readonly cases: readonly ProofCase[];
  /** Parts of the descriptions of guards that need not be seen both ways; `all` asks nothing. */
  readonly allowOneSided?: readonly string[] | "all";
  /** How many Helms run at once; default 2. */
  readonly concurrency?: number;
};

/** How many faults and differences a failure shows. */
const MAX_SHOWN = 12;

/**
 * Holds `synthesize` against `helm template` for each case, and asks that every guard was seen both ways.
 * @throws AssertionError with a readable difference, or with the guards that were not seen both ways
 */
export async function proveChart(options: ProofOptions): Promise<ProofReport> {
  const { chart, cases, concurrency = 2 } = options;
  using helm = new HelmChart(options.helm, chart);
  const proof = new Proof(chart, helm);
  const queue = [...cases];
  const work = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await proof.run(one);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if (proof.faults.length > 0) throw failure(chart, "what is synthesised is not what Helm prints", proof.faults);
  const oneSided = proof.coverage.oneSided(chart);
  const { allowOneSided = [] } = options;
  const open =
    allowOneSided === "all" ? [] : oneSided.filter((one) => !allowOneSided.some((part) => one.includes(part)));
  if (open.length > 0) throw failure(chart, "guards were not seen both ways", open);
  return { cases: cases.length, objects: proof.objects, refused: proof.refused, oneSided };
}

class Proof {
  readonly coverage = new GuardCoverage();
  readonly faults: string[] = [];
  objects = 0;
  refused = 0;
  readonly #checksums = new ChecksumLedger();
  readonly #manifests = new ManifestReader();
  readonly #chart: Chart;
  readonly #helm: HelmChart;

  constructor(chart: Chart, helm: HelmChart) {
    this.#chart = chart;
    this.#helm = helm;
  }

  async run(one: ProofCase): Promise<void> {
    const outcome = await this.#helm.template(one);
    const faults = this.#judge(one, outcome);
    if (faults.length > 0)
      this.faults.push(
        `${one.name}, values ${JSON.stringify(one.values ?? {})}:\n  ${faults.slice(0, MAX_SHOWN).join("\n  ")}`,
      );
  }

  #judge(one: ProofCase, outcome: HelmOutcome): string[] {
    let expected: RenderedObject[];
    try {
      expected = renderObjects(this.#chart, one, this.coverage.observe);
    } catch (error) {
      return this.#judgeRefusal(one, error, outcome);
    }
    if ("refusal" in outcome) return [`synthesised, but Helm says: ${outcome.refusal.trim()}`];
    if (one.refusal !== undefined) return ["must be refused, and was not"];
    this.objects += expected.length;
    try {
      const { differences, checksums } = compareObjects(expected, this.#manifests.read(outcome.manifests));
      return [...differences, ...this.#checksums.record(expected, checksums)];
    } catch (error) {
      return [`Helm's output cannot be read: ${String(error)}`];
    }
  }

  #judgeRefusal({ refusal, mayRefuse = false }: ProofCase, error: unknown, outcome: HelmOutcome): string[] {
    if (!(error instanceof ChartFailure)) return [`cannot be synthesised: ${String(error)}; ${describe(outcome)}`];
    if (!("refusal" in outcome)) return [`is refused (${error.message}), but not by Helm`];
    if (refusal === undefined && !mayRefuse) return [`is refused: ${error.message}`];
    if (refusal !== undefined && !refusal.test(outcome.refusal))
      return [`Helm refuses it with other words: ${outcome.refusal.trim()}`];
    if (error.isCheck && !outcome.refusal.includes(error.message))
      return [`is refused with "${error.message}", by Helm with ${outcome.refusal.trim()}`];
    this.refused += 1;
    return [];
  }
}

function describe(outcome: HelmOutcome): string {
  return "refusal" in outcome ? `Helm says: ${outcome.refusal.trim()}` : "Helm renders it";
}

function failure(chart: Chart, sentence: string, faults: readonly string[]): AssertionError {
  const more = faults.length > MAX_SHOWN ? `\n... and ${faults.length - MAX_SHOWN} more` : "";
  return new AssertionError({
    message: `${chart.name}: ${sentence}:\n${faults.slice(0, MAX_SHOWN).join("\n")}${more}`,
  });
}
