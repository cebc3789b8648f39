export {
  type Chart,
  type ChartOptions,
  type Dependency,
  defineChart,
  type Prose,
  type ValuesOf,
} from "./chart/chart.ts";
export { chartFiles, writeChart, writeWholeChart } from "./chart/chart-files.ts";
export { type Check, type Document, eachObject, kubeObject, type TemplateFile, whenObjects } from "./chart/document.ts";
export { ChartFailure, type ReleaseOptions, synthesize } from "./chart/synthesize.ts";
export { ChartDefinitionError } from "./chart-definition-error.ts";
export * from "./expression/dsl.ts";
export { evaluate, type RenderContext } from "./expression/evaluate.ts";
export type { Arg, Expr } from "./expression/expression.ts";
export { printExpression } from "./expression/print-expression.ts";
export { capabilities, chart, type Ref, release, valuesRef } from "./expression/references.ts";
export type { Json, JsonObject, KubeObject } from "./json.ts";
export { type Content, each, entry, merged, spread, when, whenSet, yamlText } from "./template/content.ts";
export { mappingTemplate, type NamedTemplate, textTemplate } from "./template/named-template.ts";
export { add, append, block, merge, type Overlay, onlyIf, onlyWith, remove, set } from "./template/overlay.ts";
export { defaultValues } from "./values/default-values.ts";
export { implies } from "./values/implies.ts";
export { mergeValues } from "./values/merge-values.ts";
export { subchartValues } from "./values/subchart-values.ts";
export { valuesJsonSchema } from "./values/values-json-schema.ts";
export { valuesTable } from "./values/values-table.ts";
export { valuesYaml } from "./values/values-yaml.ts";
