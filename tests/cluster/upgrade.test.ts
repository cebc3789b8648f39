import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { helm, kubectl, kubectlJson } from "./kit/command.ts";
import { closeIngress } from "./kit/ingress.ts";
import { reserveForIngressController } from "./kit/ingress-controller.ts";
import {
  createNamespace,
  installBacking,
  NAMESPACE,
  removeNamespace,
  untilReady,
  upgrade,
} from "./kit/installation.ts";
import { type Load, loadWhile } from "./kit/load.ts";
import { type PreviousRelease, previousRelease } from "./kit/previous-release.ts";
import { assertProved } from "./kit/prove.ts";
import { untilCompleted } from "./kit/until-completed.ts";

const RATE_PER_S = 20;
const FIRST_LOAD_MS = 5_000;

describe("a release before this one, with data in place", () => {
  let previous: PreviousRelease;
  const paid: string[] = [];

  before(async () => {
    previous = await previousRelease();
    await reserveForIngressController();
    await removeNamespace();
    await createNamespace();
    await installBacking();
    await upgrade([], ["--set-string", `transactions.image.tag=${previous.imageTag}`], previous.chart);
    await untilReady();
    await pay(new Promise((resolve) => setTimeout(resolve, FIRST_LOAD_MS)));
  });
  after(closeIngress);

  /**
   * Payments while something happens, by clients that repeat with their key what fails: an earlier release may drain less well than
   * this one, whose rolling update fails no request (rolling-update.test.ts). Each is made once, and all are found completed.
   */
  async function pay(until: Promise<unknown>): Promise<Load> {
    const load = await loadWhile(RATE_PER_S, until, { tries: 10 });
    assert.deepEqual(load.failures.slice(0, 10), [], `${load.failures.length} of ${load.sent} requests failed`);
    paid.push(...load.accepted);
    assert.equal(new Set(paid).size, paid.length);
    assert.equal(await paymentsStored(), paid.length);
    await untilCompleted(paid);
    return load;
  }

  it("is upgraded under load: nothing is lost or doubled, each migration ran once", async (t) => {
    assert.notDeepEqual(previous.newMigrations, [], "there is a migration between");
    for (const name of previous.newMigrations) assert.ok(!(await migrations()).includes(name), `${name} is new`);
    const load = await pay(upgrade([], ["--wait", "--timeout", "4m"]));
    t.diagnostic(
      `from ${previous.commit.slice(0, 7)}: ${load.sent} payments, ${load.repeated} repeated, migrations ${previous.newMigrations}`,
    );
    assert.deepEqual((await migrations()).slice(-previous.newMigrations.length), previous.newMigrations);
    const pods = await migrated();
    assert.ok(pods.length >= 6, `${pods.length} pods looked`);
    assert.equal(pods.filter((applied) => applied.length > 0).length, 1, "one pod migrated, the others found it done");
    await assertProved();
  });

  it("is rolled back to under load: nothing is lost or doubled, what was paid since is there", async (t) => {
    const load = await pay(helm("rollback", "kassa", "1", "--namespace", NAMESPACE, "--wait", "--timeout", "4m"));
    t.diagnostic(`${load.sent} payments, ${load.repeated} repeated`);
    const { spec } = await kubectlJson("get", "deployment", "kassa-transactions-api", "--namespace", NAMESPACE);
    assert.match(spec.template.spec.containers[0].image, new RegExp(`:${previous.imageTag}$`));
    await assertProved();
  });

  it("is upgraded to again", async () => {
    await pay(upgrade([], ["--wait", "--timeout", "4m"]));
    await assertProved();
  });
});

/** Names of the migrations that the database has, in their order. */
async function migrations(): Promise<string[]> {
  return (await psql("select name from schema_migrations order by name")).split("\n");
}

async function paymentsStored(): Promise<number> {
  return Number(await psql("select count(*) from payments"));
}

async function psql(query: string): Promise<string> {
  const command = ["psql", "-U", "postgres", "-d", "kassa_transactions", "-Atc", query];
  return (await kubectl("exec", "kassa-backing-postgres-0", "--namespace", NAMESPACE, "--", ...command)).trim();
}

/** What the init container of each pod of transactions applied. */
async function migrated(): Promise<string[][]> {
  const selector = "app.kubernetes.io/name=transactions,app.kubernetes.io/instance=kassa";
  const { items } = await kubectlJson("get", "pods", "--namespace", NAMESPACE, "--selector", selector);
  const names: string[] = items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  return Promise.all(
    names.map(async (name) => {
      const log = await kubectl("logs", name, "--container", "migrate", "--namespace", NAMESPACE);
      const lines = log.split("\n").filter((line) => line.includes('"applied"'));
      return lines.flatMap((line) => (JSON.parse(line) as { applied: string[] }).applied);
    }),
  );
}
