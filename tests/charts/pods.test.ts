import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { environments } from "@kassa/cdk8s/environments";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { ChartsCopy } from "./helm-command.ts";
import { restrictedFaults } from "./pod-security.ts";
import { type Container, containersOf, type PodTemplate, podTemplates } from "./pod-spec.ts";
import { type Rendering, renderAll } from "./renderings.ts";

/** `repository:tag` or `repository@digest`; a registry's port is no tag. */
const IMAGE = /^[^\s@]+(:(?<tag>[\w][\w.-]{0,127})|@sha256:[0-9a-f]{64})$/;
const PROBES = ["startupProbe", "livenessProbe", "readinessProbe"] as const;

if (requirePart("helm", hasHelm())) {
  describe("every pod", () => {
    let renderings: Rendering[];
    before(async () => {
      using copy = await ChartsCopy.make();
      renderings = await renderAll(copy);
    });

    for (const name of [...Object.keys(environments), "kassa-backing"]) {
      describe(`of ${name}`, () => podTests(() => renderings.find((one) => one.name === name)));
    }
  });
}

function podTests(rendering: () => Rendering | undefined): void {
  let pods: PodTemplate[];
  before(() => {
    pods = podTemplates(rendering()?.objects ?? []);
    assert.ok(pods.length > 0);
  });

  const none = (faults: (pod: PodTemplate) => readonly string[]) =>
    assert.deepEqual(
      pods.flatMap((pod) => faults(pod).map((fault) => `${pod.owner}: ${fault}`)),
      [],
    );
  const noneOf = (fault: (container: Container) => string | false | undefined) =>
    none(({ spec }) =>
      containersOf(spec).flatMap((container) => {
        const found = fault(container);
        return found ? [`${container.name}: ${found}`] : [];
      }),
    );

  it("meets the Pod Security standard `restricted`", () => none(({ spec }) => restrictedFaults(spec)));

  it("has no token for the API server", () =>
    none(({ spec }) => (spec.automountServiceAccountToken === false ? [] : ["automountServiceAccountToken"])));

  it("bounds the memory of every container and sets CPU and memory aside", () =>
    noneOf(({ resources: { requests = {}, limits = {} } = {} }) =>
      limits.memory !== undefined && requests.memory !== undefined && requests.cpu !== undefined
        ? undefined
        : JSON.stringify({ requests, limits }),
    ));

  it("names its images with a tag or a digest, and never `latest`", () =>
    noneOf(({ image }) => {
      const found = IMAGE.exec(image);
      return found === null || found.groups?.tag === "latest" ? image : undefined;
    }));

  it("is probed, when it serves, on a port that requests do not come to", () =>
    none((pod) => (isService(pod) ? probeFaults(pod) : [])));

  it("has sidecars that are probed for start and life, but never make it unready", () =>
    none(({ spec: { initContainers = [] } }) =>
      initContainers
        .filter(({ restartPolicy }) => restartPolicy === "Always")
        .filter((sidecar) => !sidecar.startupProbe || !sidecar.livenessProbe || sidecar.readinessProbe)
        .map(({ name }) => name),
    ));
}

/** One of our services: the image of Kassa in a Deployment. */
function isService({ owner, labels }: PodTemplate): boolean {
  return owner.startsWith("Deployment ") && labels["app.kubernetes.io/part-of"] === "kassa";
}

function probeFaults({ spec }: PodTemplate): string[] {
  return spec.containers.flatMap((container) =>
    PROBES.filter((probe) => {
      const port = container[probe]?.httpGet?.port;
      return port !== "probes" || container.ports?.every(({ name }) => name !== port);
    }).map((probe) => `${container.name}: ${probe}`),
  );
}
