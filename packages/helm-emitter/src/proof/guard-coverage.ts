import type { Chart } from "../chart/chart.ts";
import { listGuards } from "./list-guards.ts";

/** Which ways the guards of a chart went over many evaluations. */
export class GuardCoverage {
  readonly #seen = new Map<object, Set<boolean>>();

  /** True when the guard was not seen this way before. */
  readonly observe = (guard: object, way: boolean): boolean => {
    const seen = this.#seen.get(guard) ?? new Set();
    const isNew = !seen.has(way);
    this.#seen.set(guard, seen.add(way));
    return isNew;
  };

  /** Guards that never went one of their ways, with that way. */
  oneSided(chart: Chart): string[] {
    return listGuards(chart).flatMap(({ guard, description, ways }) => {
      const missing = ways.filter((way) => this.#seen.get(guard)?.has(way) !== true);
      return missing.length === 0 ? [] : [`${description} was never ${missing.join(" and never ")}`];
    });
  }
}
