import type { Static, TObject } from "typebox";
import type { Arg } from "../expression/expression.ts";
import type { JsonObject } from "../json.ts";
import type { NamedTemplate } from "../template/named-template.ts";
import { checkChart } from "./check-chart.ts";
import { type Check, settleDocument, type TemplateFile } from "./document.ts";

/** Another chart that comes along, in `../<name>` beside this one. */
export type Dependency = {
  readonly chart: Chart;
  /** The key of its values in the parent's, when it is not the chart's name. */
  readonly alias?: string;
  /** `file://../<name>` unless given. */
  readonly repository?: string;
  /** Default: `<key>.enabled`. */
  readonly condition?: string;
};

/** A part of the README: a heading and Markdown under it. */
export type Prose = { readonly heading: string; readonly markdown: string };

export type ChartOptions = {
  readonly name: string;
  /** SemVer 2. */
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  /** Default `>=1.30.0-0`. */
  readonly kubeVersion?: string;
  readonly type?: "application" | "library";
  readonly keywords?: readonly string[];
  readonly home?: string;
  readonly sources?: readonly string[];
  readonly icon?: string;
  readonly maintainers?: readonly { readonly name: string; readonly email?: string; readonly url?: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Every value with its default and description. `enabled` and `global` are added where they are missing. */
  readonly values: TObject;
  /** JSON Schemas (draft 7) over the whole values, mostly if/then, that hold beside the values' own. */
  readonly rules?: readonly JsonObject[];
  readonly checks?: readonly Check[];
  readonly templates?: readonly NamedTemplate[];
  readonly files: readonly TemplateFile[];
  /** Files that are no templates, by path: dashboards, rules. `fileText(path)` reads them. */
  readonly assets?: Readonly<Record<string, string>>;
  /** NOTES.txt: what a newcomer does next. */
  readonly notes?: Arg<string>;
  readonly dependencies?: readonly Dependency[];
  /** The README before and after the table of values. */
  readonly readme?: { readonly introduction: string; readonly sections?: readonly Prose[] };
  /** Named in the heading of every file: `npm run charts`. */
  readonly generator: string;
};

export type Chart = ChartOptions & { readonly [CHECKED]: true };
declare const CHECKED: unique symbol;

/** The values that a user of the chart gives. */
export type ValuesOf<C extends ChartOptions> = Static<C["values"]>;

/**
 * A chart, checked: paths of files are its own and different, what is included is declared, what is read exists, and no mapping can come
 * out empty.
 * @throws ChartDefinitionError
 */
export function defineChart<const O extends ChartOptions>(options: O): O & Chart {
  const files = options.files.map((file) => ({
    ...file,
    documents: file.documents.map((one) => settleDocument(one)),
  }));
  const chart = { ...options, files };
  checkChart(chart);
  return chart as unknown as O & Chart;
}
