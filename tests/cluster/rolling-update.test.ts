import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { kubectl, kubectlJson } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { call, closeIngress } from "./kit/ingress.ts";
import { installation, NAMESPACE } from "./kit/installation.ts";
import { type Load, loadWhile } from "./kit/load.ts";
import { assertProved } from "./kit/prove.ts";

const RATE_PER_S = 50;
const SETTLE_MS = 120_000;
const SHOWN = 10;

describe("under load through the ingress", () => {
  before(installation);
  after(closeIngress);

  it("a rolling update of every deployment fails no request and loses nothing", async (t) => {
    const load = await loadWhile(RATE_PER_S, restartAll());
    t.diagnostic(`${load.sent} requests, ${load.failures.length} failures`);
    assert.deepEqual(load.failures.slice(0, SHOWN), [], `${load.failures.length} of ${load.sent} requests failed`);
    await assertAllCompleted(load);
    await assertProved();
  });

  it("a pod of each role deleted with grace 0 loses nothing that was acknowledged", async (t) => {
    const load = await loadWhile(RATE_PER_S, killOneOfEach());
    t.diagnostic(`${load.sent} requests, ${load.failures.length} failures, which a kill may cause`);
    assert.ok(load.accepted.length > load.sent / 2);
    await assertAllCompleted(load);
    await assertProved();
  });
});

async function deployments(): Promise<string[]> {
  const { items } = await kubectlJson("get", "deployments", "--namespace", NAMESPACE);
  return items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

/** Two at a time, as fits a small node; those with one pod too, whose callers must bear it. */
async function restartAll(): Promise<void> {
  const names = await deployments();
  for (let at = 0; at < names.length; at += 2) await Promise.all(names.slice(at, at + 2).map(restart));
}

async function restart(name: string): Promise<void> {
  await kubectl("rollout", "restart", `deployment/${name}`, "--namespace", NAMESPACE);
  await kubectl("rollout", "status", `deployment/${name}`, "--namespace", NAMESPACE, "--timeout", "180s");
}

async function killOneOfEach(): Promise<void> {
  for (const component of ["api", "worker", "relay"]) {
    const selector = `app.kubernetes.io/name=transactions,app.kubernetes.io/component=${component}`;
    const { items } = await kubectlJson("get", "pods", "--namespace", NAMESPACE, "--selector", selector);
    await kubectl("delete", "pod", items[0].metadata.name, "--namespace", NAMESPACE, "--grace-period=0", "--force");
    await kubectl(
      "rollout",
      "status",
      `deployment/kassa-transactions-${component}`,
      "--namespace",
      NAMESPACE,
      "--timeout",
      "180s",
    );
  }
}

/** Every payment that was acknowledged ends, and is found. */
async function assertAllCompleted({ accepted }: Load): Promise<void> {
  let open = [...accepted];
  await eventually(
    "every accepted payment ends",
    async () => {
      const still: string[] = [];
      for (const id of open) {
        const { status, json } = await call("GET", `/v1/payments/${id}`);
        assert.equal(status, 200, `${id}: ${JSON.stringify(json)}`);
        if (json.status !== "completed") still.push(id);
      }
      open = still;
      return open.length === 0;
    },
    SETTLE_MS,
  );
}
