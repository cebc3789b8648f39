import { Compile } from "typebox/schema";
import { evaluateNode, type RenderContext, type Scope, scopeOf } from "../expression/evaluate.ts";
import { nodeOf } from "../expression/expression.ts";
import { type GoMap, type GoValue, isGoList, isGoMap, isTrue, printed } from "../expression/go-value.ts";
import { isMapping, type Json, type JsonObject, type KubeObject } from "../json.ts";
import { evaluateTree, loopScopes } from "../template/evaluate-tree.ts";
import { YamlText } from "../template/yaml-text.ts";
import { defaultValues } from "../values/default-values.ts";
import { mergeValues } from "../values/merge-values.ts";
import { valuesJsonSchema } from "../values/values-json-schema.ts";
import type { Chart } from "./chart.ts";
import type { Document } from "./document.ts";

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
  /** True for the message of a check, which Helm says word by word. */
  readonly isCheck: boolean;

  constructor(message: string, isCheck: boolean) {
    super(message);
    this.isCheck = isCheck;
  }
}

/**
 * The objects that `helm template` prints, with those of the subcharts that are switched on.
 * A checksum of a rendered file is only known to Helm: it reads `checksum-of:` and the file's path.
 * @throws ChartFailure when the values are refused, TemplateError where Helm would stop
 */
export function synthesize(chart: Chart, options: ReleaseOptions = {}): KubeObject[] {
  return renderObjects(chart, options).map(({ object }) => plainJson(object) as unknown as KubeObject);
}

/** An object as the templates' values make it, and the chart and file that it is from. */
export type RenderedObject = { readonly object: GoMap; readonly chart: string; readonly file: string };

export function renderObjects(chart: Chart, options: ReleaseOptions, observe?: Scope["observe"]): RenderedObject[] {
  const values = mergeValues(defaultValues(chart.values), options.values ?? {}, subchartKeys(chart));
  return renderChart(chart, { name: chart.name, values, options, observe });
}

type Rendering = {
  /** The chart's name, or its alias as a subchart. */
  readonly name: string;
  readonly values: JsonObject;
  readonly options: ReleaseOptions;
  readonly observe: Scope["observe"] | undefined;
};

function renderChart(chart: Chart, rendering: Rendering): RenderedObject[] {
  const { name, options, observe } = rendering;
  const { values, subcharts } = spreadToSubcharts(chart, rendering);
  refuseInvalid(chart, values);
  const context: RenderContext = {
    values: values as GoMap,
    release: { name: options.releaseName ?? "release", namespace: options.namespace ?? "default" },
    chart: { name, version: chart.version, appVersion: chart.appVersion },
    apiVersions: options.apiVersions ?? [],
    files: chart.assets ?? {},
  };
  const scope = scopeOf(context, observe);
  const inner = subcharts.flatMap((subchart) => renderChart(subchart.chart, { ...rendering, ...subchart }));
  runChecks(chart, scope);
  const own = chart.files.flatMap(({ path, documents }) =>
    documents.flatMap((document) => objectsOf(document, scope)).map((object) => ({ object, chart: name, file: path })),
  );
  return [...inner, ...own];
}

type Subchart = { readonly chart: Chart; readonly name: string; readonly values: JsonObject };

/** The values of the subcharts that are switched on, with their defaults and the globals; and the parent's, in which they stand too. */
function spreadToSubcharts(
  { dependencies = [] }: Chart,
  { values }: Rendering,
): { readonly values: JsonObject; readonly subcharts: readonly Subchart[] } {
  const subcharts = dependencies.flatMap(({ chart, alias, condition }): Subchart[] => {
    const name = alias ?? chart.name;
    const given = { ...mappingAt(values, name), global: mergeGlobals(values, mappingAt(values, name)) };
    const merged = mergeValues(defaultValues(chart.values), given, subchartKeys(chart));
    const isEnabled = valueAt({ ...values, [name]: merged }, condition ?? `${name}.enabled`);
    return isEnabled === false ? [] : [{ chart, name, values: merged }];
  });
  const ofSubcharts = Object.fromEntries(subcharts.map(({ name, values: own }) => [name, own]));
  return { values: { ...values, ...ofSubcharts }, subcharts };
}

/** Globals of the parent win over those that are given to the subchart. */
function mergeGlobals(parent: JsonObject, own: JsonObject): JsonObject {
  return mergeValues(mappingAt(own, "global"), mappingAt(parent, "global"));
}

function mappingAt(values: JsonObject, key: string): JsonObject {
  const value = values[key];
  return isMapping(value) ? (value as JsonObject) : {};
}

function valueAt(values: JsonObject, path: string): Json | undefined {
  return path
    .split(".")
    .reduce<Json | undefined>((at, key) => (isMapping(at) ? (at as JsonObject)[key] : undefined), values);
}

function subchartKeys({ dependencies = [] }: Chart): string[] {
  return dependencies.map(({ chart, alias }) => alias ?? chart.name);
}

const validators = new WeakMap<object, ReturnType<typeof Compile>>();

/** Helm validates what came of the merge. */
function refuseInvalid(chart: Chart, values: JsonObject): void {
  const validator = validators.get(chart) ?? Compile(valuesJsonSchema(chart.values, chart.rules) as object);
  validators.set(chart, validator);
  if (validator.Check(values)) return;
  const [, errors] = validator.Errors(values);
  const faults = errors.map(({ instancePath, message }) => `${instancePath || "/"} ${message}`);
  throw new ChartFailure(`the values of ${chart.name} are not valid:\n${faults.join("\n")}`, false);
}

function runChecks({ checks = [] }: Chart, scope: Scope): void {
  for (const check of checks) {
    const fails = isTrue(evaluateNode(nodeOf(check.failsIf), scope));
    scope.observe(check, fails);
    if (fails) throw new ChartFailure(printed(evaluateNode(nodeOf(check.message), scope)), true);
  }
}

function objectsOf(document: Document, scope: Scope): GoMap[] {
  switch (document.kind) {
    case "object":
      return [evaluateTree(document.tree, scope) as GoMap];
    case "guard": {
      const holds = isTrue(evaluateNode(document.guard.condition, scope));
      scope.observe(document, holds);
      return holds ? document.documents.flatMap((one) => objectsOf(one, scope)) : [];
    }
    case "each": {
      const scopes = loopScopes(document, scope);
      scope.observe(document, scopes.length > 0);
      return scopes.flatMap((inner) => document.body.flatMap((one) => objectsOf(one, inner)));
    }
  }
}

/** Go's numbers as JSON's, texts of YAML as texts. */
function plainJson(value: GoValue): Json {
  if (value instanceof YamlText) return value.toString();
  if (typeof value === "bigint") return Number(value);
  if (isGoList(value)) return value.map(plainJson);
  if (isGoMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainJson(item)]));
  return value;
}
