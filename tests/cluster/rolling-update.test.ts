import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { kubectl, kubectlJson } from "./kit/command.ts";
import { closeIngress } from "./kit/ingress.ts";
import { installation, NAMESPACE, untilRolledOut } from "./kit/installation.ts";
import { loadWhile } from "./kit/load.ts";
import { assertProved } from "./kit/prove.ts";
import { untilCompleted } from "./kit/until-completed.ts";

const RATE_PER_S = 50;
const SHOWN = 10;

describe("under load through the ingress", () => {
  before(installation);
  after(closeIngress);

  it("a rolling update of every deployment fails no request and loses nothing", async (t) => {
    const load = await loadWhile(RATE_PER_S, restartAll());
    t.diagnostic(`${load.sent} requests, ${load.failures.length} failures`);
    assert.deepEqual(load.failures.slice(0, SHOWN), [], `${load.failures.length} of ${load.sent} requests failed`);
    await untilCompleted(load.accepted);
    await assertProved();
  });

  it("a pod of each role deleted with grace 0 loses nothing that was acknowledged", async (t) => {
    const load = await loadWhile(RATE_PER_S, killOneOfEach());
    t.diagnostic(`${load.sent} requests, ${load.failures.length} failures, which a kill may cause`);
    assert.ok(load.accepted.length > load.sent / 2);
    await untilCompleted(load.accepted);
    await assertProved();
  });
});

async function deployments(): Promise<string[]> {
  const { items } = await kubectlJson("get", "deployments", "--namespace", NAMESPACE);
  return items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

/** One after the other, so that a small node has room for the load beside what starts; those with one pod too, whose callers must bear it. */
async function restartAll(): Promise<void> {
  for (const name of await deployments()) await restart(name);
}

async function restart(name: string): Promise<void> {
  await kubectl("rollout", "restart", `deployment/${name}`, "--namespace", NAMESPACE);
  await untilRolledOut(`deployment/${name}`);
}

async function killOneOfEach(): Promise<void> {
  for (const component of ["api", "worker", "relay"]) {
    const selector = `app.kubernetes.io/name=transactions,app.kubernetes.io/component=${component}`;
    const { items } = await kubectlJson("get", "pods", "--namespace", NAMESPACE, "--selector", selector);
    await kubectl("delete", "pod", items[0].metadata.name, "--namespace", NAMESPACE, "--grace-period=0", "--force");
    await untilRolledOut(`deployment/kassa-transactions-${component}`);
  }
}
