import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { root } from "./dockerfile.ts";

export type Artifact = {
  readonly image: string;
  readonly docker: {
    readonly dockerfile: string;
    readonly target?: string;
    readonly buildArgs: Readonly<Record<string, string>>;
  };
  readonly sync?: { readonly manual: readonly { readonly src: string; readonly dest: string }[] };
};

export type Release = {
  readonly name: string;
  readonly chartPath: string;
  readonly dependsOn?: readonly string[];
  readonly valuesFiles?: readonly string[];
  readonly setValues?: Readonly<Record<string, string>>;
  readonly setValueTemplates?: Readonly<Record<string, string>>;
};

type Pipeline = {
  readonly build: { readonly artifacts: readonly Artifact[] };
  readonly deploy: { readonly helm: { readonly releases: readonly Release[] } };
};

type Patch = { readonly op: "add" | "remove"; readonly path: string; readonly value?: unknown };

type Profile = { readonly name: string; readonly patches?: readonly Patch[] } & Partial<Pipeline>;

type Skaffold = Pipeline & {
  readonly apiVersion: string;
  readonly portForward: readonly { readonly resourceName: string }[];
  readonly profiles: readonly Profile[];
};

export const skaffold = parse(readFileSync(`${root}skaffold.yaml`, "utf8"), { merge: true }) as Skaffold;

/** The pipeline without a profile, and with each one. */
export const pipelines: readonly { readonly profile: string; readonly pipeline: Pipeline }[] = [
  { profile: "none", pipeline: skaffold },
  ...skaffold.profiles.map((profile) => ({ profile: profile.name, pipeline: withProfile(profile) })),
];

/** As skaffold does it: a profile's lists stand in the place of the pipeline's, then its patches are laid on. */
function withProfile({ build, deploy, patches = [] }: Profile): Pipeline {
  const artifacts = build?.artifacts ?? skaffold.build.artifacts;
  const releases = deploy?.helm.releases ?? skaffold.deploy.helm.releases;
  const pipeline = structuredClone({ build: { artifacts }, deploy: { helm: { releases } } });
  for (const patch of patches) apply(pipeline, patch);
  return pipeline;
}

/** A path of a patch that leads nowhere throws. */
function apply(pipeline: Pipeline, { op, path, value }: Patch): void {
  const words = path.split("/").slice(1);
  const last = words.pop() ?? "";
  let at = pipeline as unknown as Record<string, unknown>;
  for (const word of words) {
    const next = at[word];
    if (typeof next !== "object" || next === null) throw new Error(`${path}: there is no ${word}`);
    at = next as Record<string, unknown>;
  }
  if (op === "add") at[last] = value;
  else if (Array.isArray(at) && at[Number(last)] !== undefined) at.splice(Number(last), 1);
  else throw new Error(`${path}: there is nothing to remove`);
}
