import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { topics } from "@kassa/contracts/topics";
import { type KubeObject, synthesize } from "@kassa/helm-emitter";
import { charts } from "./charts.ts";
import { environmentValues } from "./environment-values.ts";
import { ofKind, synthesizeEnvironment } from "./synthesized.ts";

/** Requirement K3: pods from a quiet hour to the busiest. A service that has no chart yet is held to it once it has. */
const bounds = [
  { chart: "transactions", deployment: "transactions-api", least: 5, most: 15 },
  { chart: "transactions", deployment: "transactions-worker", least: 5, most: 15 },
  { chart: "fraud", deployment: "fraud", least: 3, most: 10 },
  { chart: "auth", deployment: "auth", least: 3, most: 10 },
  { chart: "notifications", deployment: "notifications", least: 3, most: 8 },
  { chart: "profiles", deployment: "profiles", least: 2, most: 6 },
].filter(({ chart }) => charts.some(({ name }) => name === chart));

type Scaler = {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicas: number;
    readonly maxReplicas: number;
  };
};
type Deployment = { readonly spec: { readonly replicas?: number } };

const withDefaults = charts
  .filter(({ name }) => bounds.some(({ chart }) => chart === name))
  .flatMap((chart) => synthesize(chart, { releaseName: "kassa", namespace: "kassa" }));

function scalers(objects: readonly KubeObject[]) {
  return ofKind<Scaler>(objects, "HorizontalPodAutoscaler").map(({ spec }) => ({
    deployment: spec.scaleTargetRef.name.replace(/^kassa-/, ""),
    least: spec.minReplicas,
    most: spec.maxReplicas,
  }));
}

for (const [where, objects] of [
  ["by default", withDefaults],
  ["in production", synthesizeEnvironment("prod")],
] as const) {
  describe(`pods ${where}`, () => {
    it("scale within the bounds that are required, and nothing else scales", () => {
      const wanted = bounds.map(({ deployment, least, most }) => ({ deployment, least, most }));
      const byName = (a: { deployment: string }, b: { deployment: string }) => a.deployment.localeCompare(b.deployment);
      assert.deepEqual([...scalers(objects)].sort(byName), wanted.sort(byName));
    });

    it("that scale have no number of their own, which each upgrade would put back", () => {
      for (const { deployment } of bounds) {
        const found = ofKind<Deployment>(objects, "Deployment").find(
          ({ metadata }) => metadata.name === `kassa-${deployment}`,
        );
        assert.equal(found?.spec.replicas, undefined, deployment);
      }
    });

    it("of the relay are two: one leads, the other stands by", () => {
      const relay = ofKind<Deployment>(objects, "Deployment").find(
        ({ metadata }) => metadata.name === "kassa-transactions-relay",
      );
      assert.equal(relay?.spec.replicas, 2);
    });
  });
}

describe("workers are never more than the partitions that they share", () => {
  for (const { name } of environmentValues) {
    it(`in ${name}`, () => {
      const objects = synthesizeEnvironment(name);
      const worker = ofKind<Deployment>(objects, "Deployment").find(
        ({ metadata }) => metadata.name === "kassa-transactions-worker",
      );
      const most = scalers(objects).find(({ deployment }) => deployment === "transactions-worker")?.most;
      const pods = most ?? worker?.spec.replicas;
      assert.ok(pods !== undefined && pods <= topics.paymentCommands.partitions, `${pods} workers`);
    });
  }
});
