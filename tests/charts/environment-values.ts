import { environments } from "@kassa/cdk8s/environments";
import type { JsonObject } from "@kassa/helm-emitter";

/** The environments by name, with the values that they give to the umbrella. */
export const environmentValues: readonly { readonly name: string; readonly values: JsonObject }[] = Object.entries(
  environments,
).map(([name, values]) => ({ name, values: JSON.parse(JSON.stringify(values)) as JsonObject }));
