import Type from "typebox";
import type { Chart } from "../chart/chart.ts";

/**
 * The place of a subchart's values in its parent's: on unless switched off, everything else as the subchart's own schema says.
 * `defaults` are what the parent changes.
 */
export function subchartValues(
  chart: Pick<Chart, "name" | "description">,
  defaults: Readonly<Record<string, unknown>> = {},
) {
  return Type.Object(
    { enabled: Type.Boolean({ default: true, description: `install ${chart.name}` }) },
    {
      additionalProperties: true,
      description: `values of the chart ${chart.name}: ${chart.description}`,
      default: { enabled: true, ...defaults },
    },
  );
}
