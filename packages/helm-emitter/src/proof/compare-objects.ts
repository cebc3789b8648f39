import type { RenderedObject } from "../chart/synthesize.ts";
import { CHECKSUM_PREFIX } from "../expression/evaluate.ts";
import { goJson } from "../expression/go-text.ts";
import { type GoMap, type GoValue, isGoList, isGoMap } from "../expression/go-value.ts";
import { isMapping, type Json, type JsonObject } from "../json.ts";
import { YamlText } from "../template/yaml-text.ts";
import { readYaml } from "./read-manifests.ts";

/** A digest that Helm printed for a file of a chart; subcharts have files of the same path. */
export type SeenChecksum = { readonly chart: string; readonly file: string; readonly digest: string };

export type Comparison = { readonly differences: readonly string[]; readonly checksums: readonly SeenChecksum[] };

/** Holds what was synthesised against what Helm printed, whatever the order of the objects. */
export function compareObjects(expected: readonly RenderedObject[], actual: readonly JsonObject[]): Comparison {
  const differences: string[] = [];
  const checksums: SeenChecksum[] = [];
  const printed = groupByIdentity(actual);
  for (const { object, chart } of expected) {
    const identity = identityOf(object as JsonObject);
    const found = printed.get(identity)?.shift();
    if (found === undefined) differences.push(`${identity}: synthesised, but Helm did not print it`);
    else compare(identity, object, found, { chart, differences, checksums });
  }
  for (const [identity, left] of printed) {
    for (const _ of left) differences.push(`${identity}: printed by Helm, but not synthesised`);
  }
  return { differences, checksums };
}

function groupByIdentity(objects: readonly JsonObject[]): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>();
  for (const object of objects) {
    const identity = identityOf(object);
    groups.set(identity, [...(groups.get(identity) ?? []), object]);
  }
  return groups;
}

function identityOf(object: JsonObject): string {
  const metadata = isMapping(object.metadata) ? object.metadata : {};
  const namespace = metadata.namespace === undefined ? "" : `${String(metadata.namespace)}/`;
  return `${String(object.apiVersion)} ${String(object.kind)} ${namespace}${String(metadata.name)}`;
}

const DIGEST = /^[0-9a-f]{64}$/;

type Findings = { readonly chart: string; readonly differences: string[]; readonly checksums: SeenChecksum[] };

function compare(at: string, expected: GoValue, actual: Json | undefined, findings: Findings): void {
  if (expected instanceof YamlText && typeof actual === "string") {
    compare(`${at} (as YAML)`, expected.content, readYaml(actual), findings);
  } else if (isChecksum(expected) && typeof actual === "string" && DIGEST.test(actual)) {
    const { chart, checksums } = findings;
    checksums.push({ chart, file: expected.slice(CHECKSUM_PREFIX.length), digest: actual });
  } else if (isGoList(expected) && Array.isArray(actual) && actual.length === expected.length) {
    for (const [index, item] of expected.entries()) compare(`${at}[${index}]`, item, actual[index], findings);
  } else if (isGoMap(expected) && isMapping(actual)) {
    compareMaps(at, expected, actual as JsonObject, findings);
  } else if (actual === undefined || !sameScalar(expected, actual)) {
    findings.differences.push(`${at}: synthesised ${show(expected)}, Helm printed ${JSON.stringify(actual)}`);
  }
}

function isChecksum(value: GoValue): value is string {
  return typeof value === "string" && value.startsWith(CHECKSUM_PREFIX);
}

function compareMaps(at: string, expected: GoMap, actual: JsonObject, findings: Findings): void {
  for (const [key, value] of Object.entries(expected)) compare(`${at}.${key}`, value, actual[key], findings);
  for (const key of Object.keys(actual)) {
    if (Object.hasOwn(expected, key)) continue;
    findings.differences.push(`${at}.${key}: Helm printed ${JSON.stringify(actual[key])}, nothing was synthesised`);
  }
}

/** YAML's -0 is 0. */
function sameScalar(expected: GoValue, actual: Json): boolean {
  return (typeof expected === "bigint" ? Number(expected) : expected) === actual;
}

function show(value: GoValue): string {
  return value instanceof YamlText ? value.toString() : goJson(value);
}
