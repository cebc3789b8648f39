import { ChartDefinitionError } from "../chart-definition-error.ts";
import type { ExpressionNode } from "../expression/expression.ts";
import { describeKeys } from "../nearest-key.ts";
import type { NamedTemplate } from "../template/named-template.ts";
import { mapValueSchema, type ValueSchema } from "../values/value-schema.ts";
import type { ChartOptions } from "./chart.ts";
import { chartExpressions } from "./chart-expressions.ts";
import { printNamedTemplate } from "./print-file.ts";

/** What is written beside the files of the chart. */
const GENERATED = new Set([
  "Chart.yaml",
  "README.md",
  ".helmignore",
  "values.yaml",
  "values.schema.json",
  "templates/checks.yaml",
  "templates/NOTES.txt",
]);
const FILE_PATH = /^templates\/([\w-]+\/)*[\w-]+\.yaml$/;

/** Paths are the chart's own and different; what is included is declared; what is read exists. @throws ChartDefinitionError */
export function checkChart(chart: ChartOptions): void {
  for (const fault of [...pathFaults(chart), ...templateFaults(chart), ...expressionFaults(chart)]) {
    throw new ChartDefinitionError(`${chart.name}: ${fault}`);
  }
}

function pathFaults({ files, assets = {} }: ChartOptions): string[] {
  const paths = [...files.map(({ path }) => path), ...Object.keys(assets)];
  return [
    ...files
      .filter(({ path }) => !FILE_PATH.test(path))
      .map(({ path }) => `${path} must look like templates/name.yaml`),
    ...paths
      .filter((path) => GENERATED.has(path))
      .map((path) => `${path} is written by the emitter: choose another path`),
    ...Object.keys(assets)
      .filter((path) => path.startsWith("templates/"))
      .map((path) => `${path} would be a template`),
    ...paths.filter((path, at) => paths.indexOf(path) !== at).map((path) => `two files are ${path}`),
  ];
}

/** Helm knows all charts' named templates by one set of names: the last one of a name wins. */
function templateFaults(chart: ChartOptions): string[] {
  const bodies = new Map<string, string>();
  return allTemplates(chart).flatMap((template) => {
    const text = printNamedTemplate(template);
    const known = bodies.get(template.name) ?? text;
    bodies.set(template.name, known);
    return known === text ? [] : [`two named templates are ${template.name} and differ: one would be used for both`];
  });
}

function allTemplates({ templates = [], dependencies = [] }: ChartOptions): NamedTemplate[] {
  return [...templates, ...dependencies.flatMap(({ chart }) => allTemplates(chart))];
}

function expressionFaults(chart: ChartOptions): string[] {
  const { templates = [], files, assets = {} } = chart;
  const paths = files.map(({ path }) => path);
  return chartExpressions(chart).flatMap((node): string[] => {
    switch (node.kind) {
      case "include":
        return templates.includes(node.template)
          ? []
          : [`${node.template.name} is included but not among the chart's templates`];
      case "checksum":
        return paths.includes(node.file) ? [] : [`checksum of ${node.file}: ${describeKeys(node.file, paths)}`];
      case "file":
        return Object.hasOwn(assets, node.path)
          ? []
          : [`fileText of ${node.path}: ${describeKeys(node.path, Object.keys(assets))}`];
      case "field":
        return unknownValue(node, chart.values as object as ValueSchema);
      default:
        return [];
    }
  });
}

/** A reference may have been made from another schema than the chart's. */
function unknownValue(node: ExpressionNode, values: ValueSchema): string[] {
  const keys = valuePath(node);
  if (keys === undefined) return [];
  let schema: ValueSchema | undefined = values;
  for (const key of keys) {
    const known: readonly string[] = Object.keys(schema.properties ?? {});
    schema =
      schema.properties?.[key] ?? mapValueSchema(schema) ?? (schema.additionalProperties === true ? {} : undefined);
    if (schema === undefined)
      return [`.Values.${keys.join(".")} is read, but not among its values: ${describeKeys(key, known)}`];
  }
  return [];
}

/** The keys of a reference below `.Values`; undefined for any other expression. */
function valuePath(node: ExpressionNode): string[] | undefined {
  if (node.kind === "root") return node.name === "Values" ? [] : undefined;
  if (node.kind !== "field") return undefined;
  const path = valuePath(node.of);
  return path === undefined ? undefined : [...path, node.key];
}
