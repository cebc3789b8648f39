import { type JsonObject, type KubeObject, mergeValues, synthesize } from "@kassa/helm-emitter";
import { chartNamed } from "./charts.ts";
import { environmentValues } from "./environment-values.ts";

/** The umbrella's objects in an environment, with more values on top, as the model makes them: no Helm is needed. @throws ChartFailure when refused */
export function synthesizeEnvironment(environment: string, more: JsonObject = {}): KubeObject[] {
  const given = environmentValues.find(({ name }) => name === environment);
  if (given === undefined) throw new Error(`there is no environment ${environment}`);
  return synthesize(chartNamed("kassa"), {
    values: mergeValues(given.values, more),
    releaseName: "kassa",
    namespace: "kassa",
  });
}

/** The objects of a kind, as what the caller reads of them. */
export function ofKind<T>(objects: readonly KubeObject[], kind: string): readonly (KubeObject & T)[] {
  return objects.filter((object) => object.kind === kind) as (KubeObject & T)[];
}
