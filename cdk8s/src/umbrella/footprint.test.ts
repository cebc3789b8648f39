import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "@kassa/helm-emitter";
import { footprints } from "./footprint.ts";
import { mebibytes, millicores } from "./quantities.ts";

const resources = (cpu: string, memory: string, limit: string) => ({
  resources: { requests: { cpu, memory }, limits: { memory: limit } },
});

function deployment(name: string, initContainers: readonly object[] = []): KubeObject {
  const containers = [resources("250m", "192Mi", "384Mi")];
  const spec = { replicas: 2, template: { spec: { containers, initContainers } } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec } as unknown as KubeObject;
}

describe("quantities of Kubernetes", () => {
  it("of CPU are read as millicores", () => {
    assert.deepEqual(["250m", "2", "0.5", "0"].map(millicores), [250, 2000, 500, 0]);
  });

  it("of memory are read as MiB", () => {
    assert.deepEqual(["192Mi", "1Gi", "1048576", "1024Ki"].map(mebibytes), [192, 1024, 1, 1]);
    assert.equal(Math.round(mebibytes("1G")), 954);
  });

  it("that are none throw", () => {
    assert.throws(() => millicores("2Gi"), /no amount of CPU/);
    assert.throws(() => mebibytes("250m"), /no amount of memory/);
  });
});

describe("the footprint of a Deployment", () => {
  it("counts native sidecars beside the application, and what runs before it only when it needs more", () => {
    const sidecar = { ...resources("20m", "64Mi", "160Mi"), restartPolicy: "Always" };
    const [small] = footprints([deployment("a", [resources("250m", "192Mi", "384Mi"), sidecar, sidecar])]);
    assert.deepEqual(small?.pod, { cpu: 290, memory: 320, memoryLimit: 704 });
    const [large] = footprints([deployment("a", [resources("1", "1Gi", "2Gi"), sidecar])]);
    assert.deepEqual(large?.pod, { cpu: 1000, memory: 1024, memoryLimit: 2048 });
  });

  it("is as many pods as its autoscaler may make, or its replicas", () => {
    const scaled = { scaleTargetRef: { name: "a" }, minReplicaCount: 3, maxReplicaCount: 9 };
    const scaler = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", metadata: { name: "a" }, spec: scaled };
    const found = footprints([deployment("a"), deployment("b"), scaler as unknown as KubeObject]);
    assert.deepEqual(
      found.map(({ name, fewest, most }) => [name, fewest, most]),
      [
        ["a", 3, 9],
        ["b", 2, 2],
      ],
    );
  });
});
