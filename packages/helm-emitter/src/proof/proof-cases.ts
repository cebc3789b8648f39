import fc from "fast-check";
import type { Chart } from "../chart/chart.ts";
import { ChartFailure, type ReleaseOptions, renderObjects } from "../chart/synthesize.ts";
import type { Json, JsonObject } from "../json.ts";
import { defaultValues } from "../values/default-values.ts";
import type { ValueSchema } from "../values/value-schema.ts";
import { arbitraryOverrides, randomValues } from "./arbitrary-values.ts";
import { GuardCoverage } from "./guard-coverage.ts";
import { validatorOf } from "./values-validator.ts";
import { type Variant, variantsOf, withVariant } from "./values-variants.ts";

/** One way to install the chart, with a name for messages. */
export type ProofCase = ReleaseOptions & {
  readonly name: string;
  /** The chart must refuse these values, and Helm's message must match. */
  readonly refusal?: RegExp;
  /** The chart may refuse these values with a check, if Helm does so too: for values made by chance. */
  readonly mayRefuse?: boolean;
};

/** How releases of cases differ from the default, for example the API versions that some guards ask for. */
type CaseOptions = Omit<ReleaseOptions, "values">;

/** How many random values are looked at for each that is used, and which share of those the chart may refuse. */
const LOOKED_AT = 4;
const REFUSED_SHARE = 0.1;

/**
 * Cases of random values, by a seed; most of them such that the chart's checks accept them. Where they refuse nearly everything, it is what
 * they refuse that fills up.
 */
export function randomCases(
  chart: Chart,
  options: { readonly seed: number; readonly count: number } & CaseOptions,
): ProofCase[] {
  const { seed, count, ...release } = options;
  const values = randomValues(chart.values, { seed, count: count * LOOKED_AT, rules: chart.rules ?? [] });
  const [accepted, refused]: [ProofCase[], ProofCase[]] = [[], []];
  for (const [at, one] of values.entries()) {
    if (accepted.length + Math.min(refused.length, Math.floor(count * REFUSED_SHARE)) >= count) break;
    const looked = { ...release, name: `random ${at} of seed ${seed}`, values: one, mayRefuse: true };
    (isRefused(chart, looked) ? refused : accepted).push(looked);
  }
  return [...accepted, ...refused.slice(0, count - accepted.length)];
}

function isRefused(chart: Chart, one: ProofCase): boolean {
  try {
    renderObjects(chart, one);
    return false;
  } catch (error) {
    return error instanceof ChartFailure;
  }
}

/**
 * The fewest cases found that show every guard both ways: the defaults, everything filled, and of all single changes of both those that show
 * a guard a way that no case before did. What the cases `besides` show need not be shown again.
 */
export function cornerCases(
  chart: Chart,
  options: CaseOptions & { readonly besides?: readonly ProofCase[] } = {},
): ProofCase[] {
  const { besides = [], ...release } = options;
  const isValid = validatorOf(chart.values, chart.rules);
  const shown: Shown = { coverage: new GuardCoverage(), errors: new Set() };
  for (const one of besides) showsMore(chart, one, shown);
  return [...corners(chart)]
    .filter(({ values }) => isValid(values))
    .map(({ name, values }) => ({ ...release, name, values, mayRefuse: true }))
    .filter((one, at) => showsMore(chart, one, shown) || at < 2);
}

/** What the cases so far show. */
type Shown = { readonly coverage: GuardCoverage; readonly errors: Set<string> };

function showsMore(chart: Chart, one: ProofCase, { coverage, errors }: Shown): boolean {
  let isMore = false;
  const observe = (guard: object, way: boolean): void => {
    // Every guard is noted, not the first new one alone.
    isMore = coverage.observe(guard, way) || isMore;
  };
  try {
    renderObjects(chart, one, observe);
  } catch (error) {
    // The proof reports what went wrong: one case for each fault is enough.
    const fault = String(error);
    if (!(error instanceof ChartFailure)) isMore ||= !errors.has(fault);
    errors.add(fault);
  }
  return isMore;
}

type Corner = { readonly name: string; readonly values: JsonObject };
const FULL_SEED = 7;

function* corners(chart: Chart): Generator<Corner> {
  const schema = chart.values as object as ValueSchema;
  const defaults = defaultValues(chart.values);
  const isValid = validatorOf(chart.values, chart.rules);
  const full =
    fc.sample(arbitraryOverrides(schema, defaults, "full").filter(isValid), { seed: FULL_SEED, numRuns: 1 })[0] ?? {};
  yield { name: "defaults", values: {} };
  yield { name: "everything filled", values: full };
  for (const variant of variantsOf(schema)) {
    const change = takenAway(variant, defaults);
    const what = `${variant.path.join(".")} = ${JSON.stringify(change.value)}`;
    yield { name: `everything filled, but ${what}`, values: withVariant(full, change) };
    yield { name: `defaults, but ${what}`, values: withVariant({}, change) };
  }
}

/** What has a default goes away with null, anything else by not being given. */
function takenAway(variant: Variant, defaults: JsonObject): Variant {
  const fallback = variant.path.reduce<Json | undefined>((at, key) => (at as JsonObject | undefined)?.[key], defaults);
  return variant.value === undefined && fallback !== undefined ? { ...variant, value: null } : variant;
}
