import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "./dockerfile.ts";

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
};

/** True when the chart's schema, or that of the chart of ours which the first word names, knows the value. */
export function knowsValue(chartPath: string, key: string): boolean {
  const [first = "", ...rest] = key.split(".");
  const dependencies = chartDependencies(chartPath);
  if (dependencies.includes(first)) return knows(schemaOf(join("charts", first)), rest);
  return knows(schemaOf(chartPath), [first, ...rest]);
}

export function chartDependencies(chartPath: string): string[] {
  const file = join(root, chartPath, "Chart.yaml");
  const { dependencies = [] } = parse(readFileSync(file, "utf8")) as { dependencies?: { name: string }[] };
  return dependencies.map(({ name }) => name);
}

export const hasCharts = existsSync(join(root, "charts", "kassa"));

function schemaOf(chartPath: string): Schema {
  return JSON.parse(readFileSync(join(root, chartPath, "values.schema.json"), "utf8")) as Schema;
}

function knows(schema: Schema, words: readonly string[]): boolean {
  const [word, ...rest] = words;
  if (word === undefined) return true;
  const inner = schema.properties?.[word];
  if (inner !== undefined) return knows(inner, rest);
  // An open map, such as a security context, takes any name.
  return schema.additionalProperties !== undefined && schema.additionalProperties !== false;
}
