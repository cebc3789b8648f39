import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { chartDependencies, hasCharts, knowsValue } from "./chart-values.ts";
import { argumentNames, chainOf, root, stages } from "./dockerfile.ts";
import { pipelines, type Release, skaffold } from "./skaffold-file.ts";

// Skaffold itself runs nowhere here: what can be wrong in its file without it is looked for.
const withCharts = { skip: hasCharts ? false : "charts/ has not been generated" };
const services = globSync("services/*", { cwd: root }).map((path) => basename(path));

test("every service and the command have an artifact, built by the Dockerfile with arguments that it takes", () => {
  for (const { profile, pipeline } of pipelines) {
    const built = pipeline.build.artifacts.map(({ docker }) => docker.buildArgs.SERVICE);
    const wanted = [...services, "cli"].filter((name) => !isLeftOut(profile, name));
    assert.deepEqual(built.toSorted(), wanted.toSorted(), profile);
    for (const { image, docker } of pipeline.build.artifacts) {
      assert.ok(existsSync(join(root, docker.dockerfile)), `${profile}: ${docker.dockerfile}`);
      assert.equal(image, `kassa/${docker.buildArgs.SERVICE}`);
      for (const name of Object.keys(docker.buildArgs)) assert.ok(argumentNames().includes(name), `${image}: ${name}`);
    }
  }
});

test("only `skaffold dev` builds images that can be written, of what it syncs, and may write to them", () => {
  for (const { profile, pipeline } of pipelines) {
    const release = pipeline.deploy.helm.releases.find(({ name }) => name === "kassa");
    for (const { image, docker, sync } of pipeline.build.artifacts) {
      const isWritable = profile === "dev" && sync !== undefined;
      assert.equal(docker.target, isWritable ? "dev" : undefined, `${profile}: ${image}`);
      const readOnly = release?.setValues?.[`${basename(image)}.securityContext.readOnlyRootFilesystem`];
      assert.equal(readOnly, isWritable ? "false" : undefined, `${profile}: ${image}`);
    }
  }
  assert.ok(stages.some(({ name }) => name === "dev"));
});

test("what is synced is there, and goes to the folder that the image works in", () => {
  const workdir = chainOf("runtime").find(({ name }) => name === "WORKDIR")?.rest;
  for (const { image, sync } of skaffold.build.artifacts) {
    for (const { src, dest } of sync?.manual ?? []) {
      assert.notEqual(globSync(src, { cwd: root }).length, 0, `${image}: ${src}`);
      assert.equal(dest, workdir, `${image}: ${src}`);
    }
  }
});

test("a release's chart, its values' files and every value it sets are there", withCharts, () => {
  for (const [profile, release] of allReleases()) {
    const paths = [`${release.chartPath}/Chart.yaml`, ...(release.valuesFiles ?? [])];
    for (const path of paths) assert.ok(existsSync(join(root, path)), `${profile}, ${release.name}: ${path}`);
    for (const key of Object.keys({ ...release.setValues, ...release.setValueTemplates })) {
      assert.ok(knowsValue(release.chartPath, key), `${profile}, ${release.name}: no value ${key}`);
    }
  }
});

test("an image's value is made from what skaffold says of an artifact of ours", () => {
  const names = skaffold.build.artifacts.map(({ image }) => image.replaceAll(/[/.:-]/g, "_"));
  for (const [profile, { setValueTemplates = {} }] of allReleases()) {
    for (const [key, template] of Object.entries(setValueTemplates)) {
      const [, kind, artifact = ""] = /^\{\{\.IMAGE_(REPO|TAG|DIGEST)_(\w+)\}\}$/.exec(template) ?? [];
      const values = { REPO: "repository", TAG: "tag", DIGEST: "digest" } as const;
      assert.equal(key.split(".").at(-1), values[kind as keyof typeof values], `${profile}: ${key}`);
      assert.ok(names.includes(artifact), `${profile}: ${template}`);
      assert.equal(artifact, `kassa_${key.split(".")[0]}`, `${profile}: ${key}`);
    }
  }
});

test("every image that is built is the one that is deployed", () => {
  for (const { profile, pipeline } of pipelines) {
    const set = pipeline.deploy.helm.releases.flatMap((release) => Object.keys(release.setValueTemplates ?? {}));
    for (const { image } of pipeline.build.artifacts) {
      for (const value of ["repository", "tag"]) {
        assert.ok(set.includes(`${basename(image)}.image.${value}`), `${profile}: ${image}, ${value}`);
      }
    }
    assert.equal(set.length, pipeline.build.artifacts.length * (profile === "prod" ? 3 : 2), profile);
  }
});

test("a release that another one depends on is deployed too; production has no backing services", () => {
  for (const { profile, pipeline } of pipelines) {
    const names = pipeline.deploy.helm.releases.map(({ name }) => name);
    for (const { dependsOn = [] } of pipeline.deploy.helm.releases) {
      for (const name of dependsOn) assert.ok(names.includes(name), `${profile}: ${name}`);
    }
    assert.equal(names.includes("kassa-backing"), profile !== "prod", profile);
  }
});

test("a forwarded Service is one of a release's charts", withCharts, () => {
  const known = allReleases().flatMap(([, { name, chartPath }]) =>
    chartDependencies(chartPath).map((chart) => `${name}-${chart}`),
  );
  for (const { resourceName } of skaffold.portForward) assert.ok(known.includes(resourceName), resourceName);
});

/** The sandbox provider is no part of production. */
function isLeftOut(profile: string, service: string): boolean {
  return profile === "prod" && service === "acquirer";
}

function allReleases(): [string, Release][] {
  return pipelines.flatMap(({ profile, pipeline }) =>
    pipeline.deploy.helm.releases.map((release): [string, Release] => [profile, release]),
  );
}
