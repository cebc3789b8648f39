import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { nodeOf } from "../expression/expression.ts";
import { valuesJsonSchema } from "../values/values-json-schema.ts";
import { valuesTable } from "../values/values-table.ts";
import { valuesYaml } from "../values/values-yaml.ts";
import type { Chart, Dependency } from "./chart.ts";
import { printChecks, printFile, printNamedTemplates, printNotes } from "./print-file.ts";

/** Every file of the chart by its path, without its dependencies. The same chart gives the same bytes. */
export function chartFiles(chart: Chart): ReadonlyMap<string, string> {
  const { templates = [], checks = [], assets = {}, notes, generator } = chart;
  return new Map([
    ["Chart.yaml", chartYaml(chart)],
    ["README.md", readme(chart)],
    [".helmignore", HELMIGNORE],
    ["values.yaml", valuesYaml(chart.values, `Written by ${generator}; do not edit.`)],
    ["values.schema.json", `${JSON.stringify(valuesJsonSchema(chart.values, chart.rules), null, 2)}\n`],
    ...(templates.length === 0 ? [] : [["templates/_helpers.tpl", printNamedTemplates(templates, generator)] as const]),
    ...(checks.length === 0 ? [] : [["templates/checks.yaml", printChecks(checks, generator)] as const]),
    ...chart.files.map((file) => [file.path, printFile(file, generator)] as const),
    ...(notes === undefined ? [] : [["templates/NOTES.txt", printNotes(nodeOf(notes))] as const]),
    ...Object.entries(assets),
  ]);
}

/** What a chart's folder may hold that is not written here: Helm's own. */
const KEPT = new Set(["charts", "Chart.lock"]);

/** Writes the chart into a folder, which holds nothing else afterwards but `charts/` and Chart.lock. */
export function writeChart(chart: Chart, folder: string): void {
  for (const entry of existsSync(folder) ? readdirSync(folder) : []) {
    if (!KEPT.has(entry)) rmSync(join(folder, entry), { recursive: true });
  }
  for (const [path, text] of chartFiles(chart)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Writes the chart and, below `charts/`, all that it depends on: complete without `helm dependency build`. */
export function writeWholeChart(chart: Chart, folder: string): void {
  writeChart(chart, folder);
  for (const dependency of chart.dependencies ?? []) {
    writeWholeChart(dependency.chart, join(folder, "charts", dependency.chart.name));
  }
}

const HELMIGNORE = `.DS_Store
.git/
.gitignore
*.bak
*.orig
*.swp
*.tmp
*~
.idea/
.vscode/
`;

const KUBE_VERSION = ">=1.30.0-0";

function chartYaml(chart: Chart): string {
  const { name, description, type = "application", version, appVersion, kubeVersion = KUBE_VERSION } = chart;
  const { keywords, home, sources, icon, maintainers, annotations, dependencies = [] } = chart;
  const text = stringify(
    {
      apiVersion: "v2",
      name,
      description,
      type,
      version,
      appVersion,
      kubeVersion,
      ...given({ keywords, home, sources, icon, maintainers, annotations }),
      ...(dependencies.length === 0 ? {} : { dependencies: dependencies.map(dependencyEntry) }),
    },
    { version: "1.1", lineWidth: 0 },
  );
  return `# Written by ${chart.generator}; do not edit.\n${text}`;
}

function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function dependencyEntry({ chart, alias, repository, condition }: Dependency) {
  return {
    name: chart.name,
    version: chart.version,
    repository: repository ?? `file://../${chart.name}`,
    condition: condition ?? `${alias ?? chart.name}.enabled`,
    ...given({ alias }),
  };
}

function readme({ name, description, generator, values, readme: prose }: Chart): string {
  const sections = (prose?.sections ?? []).map(({ heading, markdown }) => `## ${heading}\n\n${markdown.trim()}`);
  return `${[
    `<!-- Written by ${generator}; do not edit. -->`,
    `# ${name}`,
    description,
    ...(prose === undefined ? [] : [prose.introduction.trim()]),
    `## Values\n\n${valuesTable(values)}`,
    ...sections,
  ].join("\n\n")}\n`;
}
