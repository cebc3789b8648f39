import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { JsonObject } from "@kassa/helm-emitter";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { ChartsCopy } from "./helm-command.ts";
import { podTemplates } from "./pod-spec.ts";
import { renderEnvironment } from "./renderings.ts";

const ENVIRONMENT = "test";
const TRANSACTIONS = ["kassa-transactions-api", "kassa-transactions-relay", "kassa-transactions-worker"] as const;

type Change = {
  readonly what: string;
  readonly values: JsonObject;
  /** The Deployments that restart for it, and the annotations that make them. None: a restart, where it takes one, is no matter of checksums. */
  readonly restarts: readonly string[];
  readonly annotations: readonly string[];
};

const secret = "another-token-for-development";

const changes: readonly Change[] = [
  {
    what: "a variable of a service",
    values: { transactions: { config: { LOG_LEVEL: "debug" } } },
    restarts: TRANSACTIONS,
    annotations: ["checksum/config"],
  },
  {
    what: "a variable of another service",
    values: { fraud: { config: { LOG_LEVEL: "debug" } } },
    restarts: ["kassa-fraud"],
    annotations: ["checksum/config"],
  },
  {
    what: "how long a drain may take",
    values: { acquirer: { drain: { boundSeconds: 20 } } },
    restarts: ["kassa-acquirer"],
    annotations: ["checksum/config"],
  },
  {
    what: "a secret that the chart makes",
    values: { transactions: { secrets: { data: { INTERNAL_TOKEN: secret } } } },
    restarts: TRANSACTIONS,
    annotations: ["checksum/secret"],
  },
  {
    what: "the configuration of the sidecars",
    values: { fraud: { sidecars: { prometheus: { scrapeIntervalSeconds: 30 } } } },
    restarts: ["kassa-fraud"],
    annotations: ["checksum/sidecars"],
  },
  {
    what: "where traces go",
    values: { fraud: { sidecars: { otel: { enabled: false } } } },
    restarts: ["kassa-fraud"],
    annotations: ["checksum/config", "checksum/sidecars"],
  },
  ...[
    { what: "the number of pods", values: { transactions: { roles: { api: { replicas: 7 } } } } },
    {
      what: "a pod's resources",
      values: { fraud: { roles: { server: { resources: { limits: { memory: "1Gi" } } } } } },
    },
    { what: "a pod's labels", values: { fraud: { roles: { server: { podLabels: { team: "risk" } } } } } },
    { what: "an image", values: { fraud: { image: { tag: "0.1.1" } } } },
    { what: "the way in", values: { transactions: { ingress: { hosts: ["pay.example.test"] } } } },
    { what: "a policy", values: { transactions: { networkPolicy: { enabled: false } } } },
  ].map((change) => ({ ...change, restarts: [], annotations: [] })),
];

/** `Deployment/annotation` to its digest. */
type Digests = ReadonlyMap<string, string>;

if (requirePart("helm", hasHelm())) {
  describe("the pods of a service restart with its configuration", () => {
    let copy: ChartsCopy;
    let usual: Digests;
    const digests = async (values?: JsonObject): Promise<Digests> => {
      const { objects } = await renderEnvironment(copy, ENVIRONMENT, values);
      return new Map(
        podTemplates(objects).flatMap(({ owner, annotations }) =>
          Object.entries(annotations)
            .filter(([key]) => key.startsWith("checksum/"))
            .map(([key, digest]) => [`${owner.replace("Deployment ", "")} ${key}`, digest] as const),
        ),
      );
    };
    before(async () => {
      copy = await ChartsCopy.make();
      usual = await digests();
    });
    after(() => copy[Symbol.dispose]());

    it("has a checksum of each part of it in each Deployment", () => {
      const deployments = ["kassa-acquirer", "kassa-fraud", ...TRANSACTIONS];
      const parts = ["checksum/config", "checksum/secret", "checksum/sidecars"];
      const wanted = deployments.flatMap((name) => parts.map((part) => `${name} ${part}`));
      assert.deepEqual([...usual.keys()].sort(), wanted.sort());
      for (const digest of usual.values()) assert.match(digest, /^[0-9a-f]{64}$/);
    });

    for (const { what, values, restarts, annotations } of changes) {
      it(`${what} changes ${restarts.length === 0 ? "no checksum" : `${annotations.join(" and ")} of its pods alone`}`, async () => {
        const now = await digests(values);
        assert.deepEqual([...now.keys()].sort(), [...usual.keys()].sort());
        const changed = [...now].filter(([key, digest]) => usual.get(key) !== digest).map(([key]) => key);
        assert.deepEqual(changed.sort(), restarts.flatMap((name) => annotations.map((key) => `${name} ${key}`)).sort());
      });
    }
  });
}
