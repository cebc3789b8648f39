import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, KubeObject } from "@kassa/helm-emitter";
import { parseAllDocuments } from "yaml";
import { environmentValues } from "./environment-values.ts";
import { type ChartsCopy, helm, KUBE_VERSION } from "./helm-command.ts";

/** What Helm made of a chart and values. */
export type Rendering = {
  /** As in the title of a test. */
  readonly name: string;
  readonly text: string;
  readonly objects: readonly KubeObject[];
};

/** Kubernetes reads YAML 1.1; `yes` is no text there. */
const yamlOptions = { version: "1.1", uniqueKeys: true } as const;

/** `helm template` into the namespace kassa. @throws Error with what Helm said when it refuses */
export async function render(
  name: string,
  copy: ChartsCopy,
  chart: string,
  ...args: readonly string[]
): Promise<Rendering> {
  const release = chart === "kassa-backing" ? chart : "kassa";
  const place = ["--namespace", "kassa", "--kube-version", KUBE_VERSION];
  const { code, stdout, stderr } = await helm("template", release, copy.chart(chart), ...place, ...args);
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  return { name, text: stdout, objects: readObjects(stdout) };
}

function readObjects(text: string): KubeObject[] {
  return parseAllDocuments(text, yamlOptions).flatMap((document) => {
    const [error] = "errors" in document ? document.errors : [];
    if (error !== undefined) throw error;
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

/** The umbrella with an environment's values, and more values on top. */
export function renderEnvironment(copy: ChartsCopy, environment: string, values?: JsonObject): Promise<Rendering> {
  const file = join(copy.chart("kassa"), `values-${environment}.yaml`);
  return render(
    environment,
    copy,
    "kassa",
    "--values",
    file,
    ...(values === undefined ? [] : valuesFile(copy, values)),
  );
}

let files = 0;

/** Arguments that give Helm these values. */
export function valuesFile(copy: ChartsCopy, values: JsonObject): string[] {
  const file = copy.chart(`more-values-${files++}.json`);
  writeFileSync(file, JSON.stringify(values));
  return ["--values", file];
}

/** The umbrella for each environment, and the servers of development. */
export async function renderAll(copy: ChartsCopy): Promise<Rendering[]> {
  const environments = environmentValues.map(({ name }) => renderEnvironment(copy, name));
  return Promise.all([...environments, render("kassa-backing", copy, "kassa-backing")]);
}
