import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { JsonObject } from "@kassa/helm-emitter";
import { hasHelm } from "@kassa/testing/helm";
import { requirePart } from "@kassa/testing/require-part";
import { ChartsCopy, helm, KUBE_VERSION } from "./helm-command.ts";
import { valuesFile } from "./renderings.ts";

/** Values that somebody may write, and the words that must tell them what is wrong. */
type Refusal = {
  readonly what: string;
  readonly chart: string;
  readonly values: JsonObject;
  readonly words: readonly RegExp[];
};

const api = (settings: JsonObject): JsonObject => ({ roles: { api: settings } });
const worker = (settings: JsonObject): JsonObject => ({ roles: { worker: settings } });
const of =
  (chart: string) =>
  (what: string, values: JsonObject, ...words: RegExp[]) => ({ what, chart, values, words });
const transactions = of("transactions");
const umbrella = of("kassa");
const backing = of("kassa-backing");

const refusals: readonly Refusal[] = [
  transactions("a key that nobody knows", { replicaCount: 3 }, /additional properties 'replicaCount' not allowed/),
  transactions("a key deep down that nobody knows", api({ replica: 3 }), /'\/roles\/api'/, /'replica' not allowed/),
  transactions("fewer pods than none", api({ replicas: -1 }), /'\/roles\/api\/replicas'/, /minimum: got -1, want 0/),
  transactions("a number as a text", api({ replicas: "3" }), /'\/roles\/api\/replicas'/, /got string, want integer/),
  transactions(
    "more workers than partitions",
    worker({ autoscaling: { maxReplicas: 17 } }),
    /'\/roles\/worker\/autoscaling\/maxReplicas'/,
    /maximum: got 17, want 16/,
  ),
  transactions(
    "more workers than partitions, fixed",
    worker({ autoscaling: { enabled: false }, replicas: 17 }),
    /'\/roles\/worker\/replicas'/,
    /maximum: got 17, want 16/,
  ),
  transactions(
    "a drain that does not fit into the grace period",
    { drain: { boundSeconds: 60 } },
    /drain\.gracePeriodSeconds is 45/,
    /boundSeconds \+ sidecarFlushSeconds are 75/,
    /Raise the grace period or lower the others/,
  ),
  transactions(
    "at least more pods than at most",
    api({ autoscaling: { minReplicas: 9, maxReplicas: 8 } }),
    /roles\.api\.autoscaling\.minReplicas is 9, above maxReplicas, which is 8/,
  ),
  transactions(
    "a digest that is none",
    { image: { digest: "sha256:abc" } },
    /'\/image\/digest'/,
    /'sha256:abc' does not match pattern/,
  ),
  transactions(
    "a provider of autoscaling that is misspelt",
    { autoscaling: { provider: "hpas" } },
    /'\/autoscaling\/provider'/,
    /one of 'hpa', 'keda', 'none'/,
  ),
  transactions(
    "an autoscaler with nothing to scale on",
    api({ autoscaling: { cpu: { enabled: false }, memory: { enabled: false } } }),
    /roles\.api\.autoscaling is enabled, but there is nothing to scale on: enable cpu, memory or metric/,
  ),
  transactions(
    "KEDA without the address of Prometheus",
    { autoscaling: { provider: "keda" } },
    /autoscaling\.prometheusUrl is empty: say where Prometheus is/,
  ),
  transactions(
    "more connections than the database bears",
    { database: { maxConnections: 300, reservedConnections: 20 } },
    /All pods together may open 356 connections/,
    /DATABASE_POOL_MAX of 10/,
    /is 280/,
    /Lower DATABASE_POOL_MAX or maxReplicas/,
  ),
  transactions(
    "a secret that is misspelt",
    { secrets: { data: { DATABASE_URI: "postgres://" } } },
    /'\/secrets\/data'/,
    /'DATABASE_URI' not allowed/,
  ),
  transactions(
    "a secret from elsewhere that is misspelt",
    { secrets: { from: { DATABASE_URI: { name: "a", key: "b" } } } },
    /'\/secrets\/from'/,
    /'DATABASE_URI' not allowed/,
  ),
  transactions(
    "a setting of the service out of its bounds",
    { config: { DATABASE_POOL_MAX: 1000 } },
    /'\/config\/DATABASE_POOL_MAX'/,
    /maximum: got 1,?000, want 100/,
  ),
  transactions(
    "a heap that leaves no room below the memory limit",
    api({ heapPercent: 95 }),
    /'\/roles\/api\/heapPercent'/,
    /want 70/,
  ),
  transactions(
    "memory that is no quantity",
    api({ resources: { limits: { memory: "384 MB" } } }),
    /'\/roles\/api\/resources\/limits\/memory'/,
    /does not match pattern/,
  ),
  transactions(
    "Kong's counters in Redis, wherever that is",
    { kong: { enabled: true, rateLimit: { policy: "redis" } } },
    /kong\.rateLimit\.redis\.host is empty: say where Redis is/,
  ),
  transactions(
    "a public key that is none",
    { kong: { jwt: { keys: { one: "ssh-rsa AAAA" } } } },
    /'\/kong\/jwt\/keys\/one'/,
    /does not match pattern/,
  ),
  umbrella("a chart that is misspelt", { transaction: { enabled: true } }, /'transaction' not allowed/),
  umbrella(
    "a key of a service that nobody knows, with the service's name",
    { fraud: { replicas: 3 } },
    /fraud:/,
    /'replicas' not allowed/,
  ),
  umbrella(
    "a rule of a service that is broken, with the service's name",
    { fraud: { roles: { server: { autoscaling: { minReplicas: 11 } } } } },
    /fraud\/templates\/checks\.yaml/,
    /minReplicas is 11, above maxReplicas, which is 10/,
  ),
  umbrella(
    "a sandbox key that could be a real one",
    { sandboxMerchant: { apiKey: "sk_live_0123456789" } },
    /'\/sandboxMerchant\/apiKey'/,
    /does not match pattern/,
  ),
  backing(
    "a database whose name would have to be quoted",
    { postgres: { databases: { "kassa-transactions": {} } } },
    /'\/postgres\/databases'/,
    /'kassa-transactions' not allowed/,
  ),
];

/** What every chart takes, or it could not be a part of another. */
const accepted: readonly { readonly what: string; readonly chart: string; readonly values: JsonObject }[] = [
  { what: "globals of a parent", chart: "transactions", values: { global: { anything: { goes: 1 } }, enabled: true } },
  { what: "a part that is off", chart: "kassa", values: { acquirer: { enabled: false } } },
  { what: "globals for all parts", chart: "kassa", values: { global: { imageRegistry: "registry.example.test" } } },
];

if (requirePart("helm", hasHelm())) {
  describe("wrong values are refused with words that help", () => {
    let copy: ChartsCopy;
    before(async () => {
      copy = await ChartsCopy.make();
    });
    after(() => copy[Symbol.dispose]());

    const template = (chart: string, values: JsonObject) =>
      helm("template", "kassa", copy.chart(chart), "--kube-version", KUBE_VERSION, ...valuesFile(copy, values));

    for (const { what, chart, values, words } of refusals) {
      it(`${chart}: ${what}`, async () => {
        const { code, stderr } = await template(chart, values);
        assert.notEqual(code, 0, "was not refused");
        for (const word of words) assert.match(stderr, word);
      });
    }

    for (const { what, chart, values } of accepted) {
      it(`and right ones are taken: ${chart}: ${what}`, async () => {
        const { code, stderr } = await template(chart, values);
        assert.equal(code, 0, stderr);
      });
    }
  });
}
