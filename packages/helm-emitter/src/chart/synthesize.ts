import type { JsonObject, KubeObject } from "../json.ts";
import type { Chart } from "./chart.ts";

/** How the chart is installed. */
export type ReleaseOptions = {
  /** What is given on top of the chart's defaults. */
  readonly values?: JsonObject;
  /** Default `release`. */
  readonly releaseName?: string;
  /** Default `default`. */
  readonly namespace?: string;
  readonly apiVersions?: readonly string[];
};

/** The chart itself refuses these values: a check failed, with its message, or they break the schema. */
export class ChartFailure extends Error {
  override readonly name = "ChartFailure";
}

/**
 * The objects that `helm template` prints, with those of the subcharts that are switched on.
 * @throws ChartFailure when the values are refused, TemplateError where Helm would stop
 */
export function synthesize(chart: Chart, options: ReleaseOptions = {}): KubeObject[] {
  throw new Error(`not yet ${chart.name} ${options.namespace}`);
}
