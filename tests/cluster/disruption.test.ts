import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { kubectlJson, output } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { installation, NAMESPACE, untilReady, untilRolledOut } from "./kit/installation.ts";

const SELECTOR = "app.kubernetes.io/name=transactions,app.kubernetes.io/component=api";

describe("disruption budgets", () => {
  before(installation);

  it("refuse an eviction that would go below the minimum, and allow it once the replacement is ready", async () => {
    await untilReady();
    const [first, second] = await podNames();
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(await evict(first), { isAllowed: true, reason: "" });
    const refused = await evict(second);
    assert.equal(refused.isAllowed, false);
    assert.match(refused.reason, /disruption budget/);
    await untilRolledOut("deployment/kassa-transactions-api");
    await eventually("the second may go", async () => (await evict(second)).isAllowed);
    await untilReady();
  });
});

async function podNames(): Promise<string[]> {
  const { items } = await kubectlJson("get", "pods", "--namespace", NAMESPACE, "--selector", SELECTOR);
  return items
    .filter(({ metadata }: { metadata: { deletionTimestamp?: string } }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

/** As a drain of the node does it. */
async function evict(pod: string): Promise<{ readonly isAllowed: boolean; readonly reason: string }> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace: NAMESPACE } };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction`;
  const { code, stderr } = await output("kubectl", ["create", "--raw", path, "--filename", "-"], JSON.stringify(body));
  return { isAllowed: code === 0, reason: code === 0 ? "" : stderr };
}
