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

test("every service has an artifact, built by the Dockerfile with arguments that it takes", () => {
  for (const { profile, pipeline } of pipelines) {
    const built = pipeline.build.artifacts.map(({ docker }) => docker.buildArgs.SERVICE);
    assert.deepEqual(built.toSorted(), services.toSorted(), profile);
    for (const { image, docker } of pipeline.build.artifacts) {
      assert.ok(existsSync(join(root, docker.dockerfile)), `${profile}: ${docker.dockerfile}`);
      assert.equal(image, `kassa/${docker.buildArgs.SERVICE}`);
      for (const name of Object.keys(docker.buildArgs)) assert.ok(argumentNames().includes(name), `${image}: ${name}`);
    }
  }
});

test("only `skaffold dev` builds the image that writes, and its stage is there", () => {
  for (const { profile, pipeline } of pipelines) {
    for (const { image, docker } of pipeline.build.artifacts) {
      assert.equal(docker.target, profile === "dev" ? "dev" : undefined, `${profile}: ${image}`);
    }
  }
  assert.ok(stages.some(({ name }) => name === "dev"));
});

test("what is synced is there, and goes to the folder that the image works in", () => {
  const workdir = chainOf("runtime").find(({ name }) => name === "WORKDIR")?.rest;
  for (const { image, sync } of skaffold.build.artifacts) {
    for (const { src, dest } of sync.manual) {
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

function allReleases(): [string, Release][] {
  return pipelines.flatMap(({ profile, pipeline }) =>
    pipeline.deploy.helm.releases.map((release): [string, Release] => [profile, release]),
  );
}
