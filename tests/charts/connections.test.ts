import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "@kassa/helm-emitter";
import { environmentValues } from "./environment-values.ts";
import { ofKind, synthesizeEnvironment } from "./synthesized.ts";

/** The relay's lock and the sealer's, each on a connection of its own. */
const BESIDE_THE_POOL: Readonly<Record<string, number>> = { "kassa-transactions-relay": 2 };
const DEPLOYMENTS = ["kassa-transactions-api", "kassa-transactions-worker", "kassa-transactions-relay"];

type Database = { readonly maxConnections: number; readonly reservedConnections: number };
type Deployment = {
  readonly spec: {
    readonly replicas?: number;
    readonly strategy: { readonly rollingUpdate: { readonly maxSurge: number } };
  };
};
type Scaler = { readonly spec: { readonly scaleTargetRef: { readonly name: string }; readonly maxReplicas: number } };
type ConfigMap = { readonly data: Readonly<Record<string, string>> };

function databaseOf(values: JsonObject): Database | undefined {
  return (values.transactions as { readonly database?: Database }).database;
}

/** Counted from the objects, not by the chart's own check: the most pods at once, each with its pool. */
function mostConnections(objects: readonly KubeObject[]): number {
  const config = ofKind<ConfigMap>(objects, "ConfigMap").find(({ metadata }) => metadata.name === "kassa-transactions");
  const pool = Number(config?.data.DATABASE_POOL_MAX);
  return DEPLOYMENTS.map((name) => {
    const deployment = ofKind<Deployment>(objects, "Deployment").find(({ metadata }) => metadata.name === name);
    const scaler = ofKind<Scaler>(objects, "HorizontalPodAutoscaler").find(
      ({ spec }) => spec.scaleTargetRef.name === name,
    );
    assert.ok(deployment, name);
    const pods =
      (scaler?.spec.maxReplicas ?? deployment.spec.replicas ?? 1) + deployment.spec.strategy.rollingUpdate.maxSurge;
    return pods * (pool + (BESIDE_THE_POOL[name] ?? 0));
  }).reduce((sum, connections) => sum + connections, 0);
}

describe("the most pods at once open no more connections than the database has for them", () => {
  for (const environment of ["stage", "prod"]) {
    const { values = {} } = environmentValues.find(({ name }) => name === environment) ?? {};

    it(`in ${environment}, whose values say what its database bears`, () => {
      const database = databaseOf(values);
      assert.ok(database !== undefined && database.maxConnections > 0);
      const needed = mostConnections(synthesizeEnvironment(environment));
      assert.ok(
        needed > 0 && needed <= database.maxConnections - database.reservedConnections,
        `${needed} connections`,
      );
    });

    it(`in ${environment}: one connection fewer than they need is refused`, () => {
      const needed = mostConnections(synthesizeEnvironment(environment));
      const bears = (maxConnections: number) => ({
        transactions: { database: { maxConnections, reservedConnections: 0 } },
      });
      synthesizeEnvironment(environment, bears(needed));
      assert.throws(
        () => synthesizeEnvironment(environment, bears(needed - 1)),
        new RegExp(`may open ${needed} connections.* is ${needed - 1}\\.`),
      );
    });
  }
});
