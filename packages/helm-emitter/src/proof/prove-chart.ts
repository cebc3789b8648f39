import type { Chart } from "../chart/chart.ts";
import type { ReleaseOptions } from "../chart/synthesize.ts";

/** One way to install the chart, with a name for messages. */
export type ProofCase = ReleaseOptions & { readonly name: string };

export type ProofReport = {
  readonly cases: number;
  readonly objects: number;
  /** Cases that both the chart and Helm refused. */
  readonly refused: number;
  /** Guards that were never seen both ways: file, path and condition. Empty unless `allowOneSided`. */
  readonly oneSided: readonly string[];
};

/**
 * Holds `synthesize` against `helm template` for each case, and asks that every guard was seen both ways.
 * @throws AssertionError with a readable difference, or with the guards that were not seen both ways
 */
export async function proveChart(options: {
  readonly chart: Chart;
  /** Path of the program. */
  readonly helm: string;
  readonly cases: readonly ProofCase[];
  /** Guards (by a part of their description) that need not be seen both ways. */
  readonly allowOneSided?: readonly string[];
  /** How many run at once; default 2. */
  readonly concurrency?: number;
}): Promise<ProofReport> {
  throw new Error(`not yet ${options.chart.name}`);
}
