import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { KubeObject } from "@kassa/helm-emitter";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { environmentValues } from "./environment-values.ts";
import { foreignKinds, withForeignKinds, withoutForeignKinds } from "./foreign-kinds.ts";
import { ChartsCopy } from "./helm-command.ts";
import { kindOf, knownKinds, objectFaults } from "./object-faults.ts";
import { type Rendering, renderAll, renderEnvironment } from "./renderings.ts";

/** Environments and what is switched on top of them, as in titles. */
const switches = { "as it is": undefined, "with kinds of others": withForeignKinds, without: withoutForeignKinds };

// biome-ignore lint/suspicious/noExplicitAny: an object to break anywhere
type Loose = Record<string, any>;

/** Breaks the first object that it can; true when it has. */
type Break = (object: Loose) => boolean;

function breakKind(kind: string, change: (object: Loose) => void): Break {
  return (object) => {
    if (object.kind !== kind) return false;
    change(object);
    return true;
  };
}

const breakages: readonly (readonly [what: string, change: Break, fault: RegExp])[] = [
  ["a field that is misspelt", breakKind("Deployment", ({ spec }) => Object.assign(spec, { replica: 1 })), /replica/],
  [
    "a field that is misspelt far below",
    breakKind("Deployment", ({ spec }) => Object.assign(spec.template.spec.containers[0].livenessProbe, { path: "/" })),
    /containers\/0\/livenessProbe/,
  ],
  [
    "a number as a text",
    breakKind("Service", ({ spec }) => Object.assign(spec.ports[0], { port: "80" })),
    /must be integer/,
  ],
  [
    "a label that is no text",
    breakKind("Secret", ({ metadata }) => Object.assign(metadata.labels, { a: 1 })),
    /labels/,
  ],
  [
    "a field that is missing",
    breakKind("Ingress", ({ spec }) => delete spec.rules[0].http.paths[0].pathType),
    /pathType/,
  ],
  [
    "a choice that there is not",
    breakKind("HTTPRoute", ({ spec }) => Object.assign(spec.rules[0].matches[0].path, { type: "Glob" })),
    /path\/type/,
  ],
  [
    "a field of KEDA that is misspelt",
    breakKind("ScaledObject", ({ spec }) => Object.assign(spec, { minReplicas: 1 })),
    /minReplicas/,
  ],
  [
    "a duration that is none",
    breakKind("PodMonitor", ({ spec }) => Object.assign(spec.podMetricsEndpoints[0], { interval: "15" })),
    /interval/,
  ],
  [
    "a key of Kong's plugin that is misspelt",
    breakKind("KongPlugin", ({ config }) => Object.assign(config, { seconds: 1 })),
    /seconds/,
  ],
  [
    "a plugin that nobody knows",
    breakKind("KongPlugin", (object) => Object.assign(object, { plugin: "jvt" })),
    /no schema/,
  ],
  [
    "a kind that nobody knows",
    breakKind("Ingress", (object) => Object.assign(object, { apiVersion: "extensions/v1beta1" })),
    /no schema/,
  ],
];

if (requirePart("helm", hasHelm())) {
  describe("every object meets the schema of its API: nothing unknown, nothing of another type", () => {
    const renderings = new Map<string, Rendering>();
    before(async () => {
      using copy = await ChartsCopy.make();
      for (const rendering of await renderAll(copy)) renderings.set(`${rendering.name} as it is`, rendering);
      for (const { name } of environmentValues) {
        const both = [withForeignKinds, withoutForeignKinds].map((values) => renderEnvironment(copy, name, values));
        const [on, off] = (await Promise.all(both)) as [Rendering, Rendering];
        renderings.set(`${name} with kinds of others`, on).set(`${name} without`, off);
      }
    });
    const objectsOf = (title: string): readonly KubeObject[] => {
      const objects = renderings.get(title)?.objects ?? [];
      assert.ok(objects.length > 0, title);
      return objects;
    };

    const titles = environmentValues.flatMap(({ name }) => Object.keys(switches).map((how) => `${name} ${how}`));
    for (const title of [...titles, "kassa-backing as it is"]) {
      it(title, () => assert.deepEqual(objectsOf(title).flatMap(objectFaults), []));
    }

    for (const { name } of environmentValues) {
      it(`${name}: the kinds of others are there when they are switched on, and only then`, () => {
        const foreign = (objects: readonly KubeObject[]) =>
          [...new Set(objects.map(({ kind }) => kind))].filter((kind) => foreignKinds.includes(kind as never)).sort();
        assert.deepEqual(foreign(objectsOf(`${name} with kinds of others`)), [...foreignKinds]);
        assert.deepEqual(foreign(objectsOf(`${name} without`)), []);
      });
    }

    it("there is a schema for each kind that the charts make, and no other", () => {
      const made = new Set([...renderings.values()].flatMap(({ objects }) => objects.map(kindOf)));
      assert.deepEqual(knownKinds, [...made].sort());
    });

    for (const [what, change, fault] of breakages) {
      it(`refuses ${what}`, () => {
        const objects = structuredClone(objectsOf("dev with kinds of others")) as unknown as Loose[];
        const broken = objects.find((object) => change(object));
        assert.ok(broken);
        assert.match(objectFaults(broken as unknown as KubeObject).join("\n"), fault);
      });
    }
  });
}
