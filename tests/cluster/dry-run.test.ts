import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { KubeObject } from "@kassa/helm-emitter";
import { requirePart } from "@kassa/testing/require-part";
import { environmentValues } from "../charts/environment-values.ts";
import { withForeignKinds } from "../charts/foreign-kinds.ts";
import { ChartsCopy } from "../charts/helm-command.ts";
import { type Rendering, render, renderEnvironment } from "../charts/renderings.ts";
import { kubectl, output } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { createNamespace, hasCluster, NAMESPACE } from "./kit/installation.ts";

const DRY_RUN_NAMESPACE = `${NAMESPACE}-dry-run`;

/** What is left out where the API server lacks the kind, each by its name: nothing else may go untried. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  "KongConsumer.configuration.konghq.com": ["kassa-transactions-jwt-05e01bd602"],
  "KongPlugin.configuration.konghq.com": [
    "kassa-transactions-correlation-id",
    "kassa-transactions-cors",
    "kassa-transactions-jwt",
    "kassa-transactions-opentelemetry",
    "kassa-transactions-prometheus",
    "kassa-transactions-rate-limit",
    "kassa-transactions-request-size",
  ],
  "PodMonitor.monitoring.coreos.com": ["kassa-acquirer", "kassa-fraud", "kassa-transactions"],
};

if (requirePart("Kubernetes", await hasCluster())) {
  describe("the API server accepts every object, without a warning, where pods must be restricted", () => {
    let copy: ChartsCopy;
    let lacking: ReadonlySet<string>;
    before(async () => {
      await createNamespace(DRY_RUN_NAMESPACE);
      await eventually("a service account", () =>
        kubectl("get", "serviceaccount", "default", "--namespace", DRY_RUN_NAMESPACE),
      );
      [copy, lacking] = await Promise.all([ChartsCopy.make(), lackingKinds()]);
    });
    after(async () => {
      copy?.[Symbol.dispose]();
      await output("kubectl", ["delete", "namespace", DRY_RUN_NAMESPACE, "--timeout=60s"]);
    });

    const accept = async ({ objects }: Rendering) => {
      const tried = objects.filter((object) => !lacking.has(kindOf(object)));
      assert.deepEqual(await dryRun(tried), { code: 0, said: "", accepted: tried.length });
    };

    for (const { name } of environmentValues) {
      it(name, async () => accept(await renderEnvironment(copy, name)));
    }

    it("every service with the kinds of others", async () =>
      accept(await renderEnvironment(copy, "dev", withForeignKinds)));

    it("kassa-backing", async () => accept(await render("kassa-backing", copy, "kassa-backing")));

    it("nothing is left out but what is named here", async () => {
      const { objects } = await renderEnvironment(copy, "dev", withForeignKinds);
      const found = objects.filter((object) => lacking.has(kindOf(object)));
      for (const kind of lacking) {
        const names = found.filter((object) => kindOf(object) === kind).map(({ metadata }) => metadata.name);
        assert.deepEqual(names.sort(), leftOut[kind]);
      }
    });

    it("and would have said so: a pod that may be root is warned of, an unknown field refused", async () => {
      const warned = await dryRun([deployment({})]);
      assert.match(warned.said, /would violate PodSecurity "restricted/);
      const refused = await dryRun([deployment({ replica: 1 })]);
      assert.match(refused.said, /unknown field "(spec\.)?replica"/);
    });
  });
}

/** `Kind.group`, as kubectl names it. */
function kindOf({ kind, apiVersion }: KubeObject): string {
  const [group, version] = apiVersion.split("/");
  return version === undefined ? kind : `${kind}.${group}`;
}

/** The kinds of the table that this API server does not know. */
async function lackingKinds(): Promise<ReadonlySet<string>> {
  const names = await kubectl("api-resources", "--no-headers", "--output=wide");
  return new Set(
    Object.keys(leftOut).filter((name) => {
      const [kind, group] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
      return !names.split("\n").some((line) => line.includes(` ${group}/`) && line.includes(` ${kind} `));
    }),
  );
}

type Verdict = {
  readonly code: number;
  /** Errors and warnings. */
  readonly said: string;
  readonly accepted: number;
};

async function dryRun(objects: readonly object[]): Promise<Verdict> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const args = ["apply", "--dry-run=server", "--validate=strict", "--namespace", DRY_RUN_NAMESPACE, "--filename", "-"];
  const { code, stdout, stderr } = await output("kubectl", args, list);
  return { code, said: stderr, accepted: stdout.match(/\(server dry run\)$/gm)?.length ?? 0 };
}

/** As little as a Deployment can be. */
function deployment(spec: object): object {
  const labels = { app: "careless" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "example.test/careless:1" }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "careless" },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}
