import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { query } from "./kit/backing.ts";
import { kubectlJson, output } from "./kit/command.ts";
import { eventually } from "./kit/eventually.ts";
import { call, closeIngress } from "./kit/ingress.ts";
import { chartFolder, installation, NAMESPACE, untilReady, upgrade } from "./kit/installation.ts";
import { loadWhile } from "./kit/load.ts";
import { assertProved } from "./kit/prove.ts";

const HOST = "routes.kassa.example.test";
const RATE_PER_S = 25;
const CANDIDATE = "kassa-transactions-candidate";
const script = fileURLToPath(new URL("../../scripts/release/release.ts", import.meta.url));
const reached =
  'sum by (release) (kassa_http_request_duration_seconds_count{service="transactions",role="api",route=~"/v1/.*"})';

describe("a release beside the release", () => {
  before(async () => {
    await installation();
    await upgrade(
      ["transactions.gateway.enabled=true"],
      [
        "--set-json",
        `transactions.gateway.parentRefs=${JSON.stringify([{ name: "contour", namespace: "projectcontour" }])}`,
        "--set-json",
        `transactions.gateway.hostnames=${JSON.stringify([HOST])}`,
      ],
    );
    await untilReady();
    await eventually("the Gateway serves the route", async () => {
      const { status } = await call("GET", "/v1/payments?limit=1", { headers: { host: HOST } });
      return status === 200;
    });
  });
  after(async () => {
    await release("abort");
    await closeIngress();
  });

  it("a canary takes its share, blue-green takes all and gives it back, and no request fails on the way", async (t) => {
    const shares: Record<number, number> = {};
    const load = await loadWhile(
      RATE_PER_S,
      (async () => {
        await release("start", "--set", "roles.api.replicas=1", "--set", "roles.api.podLabels.color=green");
        for (const weight of [25, 100]) {
          await release("shift", "--weight", String(weight));
          shares[weight] = await shareOfCandidate();
        }
        await release("shift", "--weight", "0");
        shares[0] = await shareOfCandidate();
      })(),
      { headers: { host: HOST } },
    );
    t.diagnostic(`${load.sent} requests; percent of the candidate by weight: ${JSON.stringify(shares)}`);
    assert.deepEqual(load.failures.slice(0, 10), [], `${load.failures.length} of ${load.sent} failed`);
    assert.ok(Math.abs((shares[25] ?? 0) - 25) < 15, "about a quarter");
    assert.equal(shares[100], 100);
    assert.equal(shares[0], 0);
    const { items } = await kubectlJson(
      "get",
      "deployments",
      "--namespace",
      NAMESPACE,
      "--selector",
      `app.kubernetes.io/instance=${CANDIDATE}`,
    );
    assert.deepEqual(
      items.map(({ metadata }: { metadata: { name: string } }) => metadata.name),
      ["kassa-transactions-candidate-api"],
      "only what serves is there twice",
    );
  });

  it("promoted, the release is what the candidate was, without a failed request", async () => {
    const load = await loadWhile(RATE_PER_S, release("promote"), { headers: { host: HOST } });
    assert.deepEqual(load.failures.slice(0, 10), [], `${load.failures.length} of ${load.sent} failed`);
    assert.deepEqual(await stable(), { replicas: 1, color: "green" });
    await assertNoCandidate();
    await assertProved();
  });

  it("a canary whose check fails goes back by itself", async () => {
    const { code, stderr } = await run(
      "canary",
      "--set",
      "roles.api.podLabels.color=red",
      "--steps",
      "10",
      "--pause",
      "1",
      "--check",
      "exit 3",
    );
    assert.equal(code, 1);
    assert.match(stderr, /at 10 percent, all is back as it was: the check ended with 3/);
    assert.deepEqual(await stable(), { replicas: 1, color: "green" });
    await assertNoCandidate();
  });
});

async function run(...words: readonly string[]) {
  const chart = await chartFolder("kassa");
  return output(process.execPath, [script, ...words, "--namespace", NAMESPACE, "--chart", chart, "--timeout", "4"]);
}

async function release(...words: readonly string[]): Promise<void> {
  const { code, stderr } = await run(...words);
  assert.equal(code, 0, stderr);
}

/** Percent of the requests that reached the candidate, of those of a few seconds. */
async function shareOfCandidate(): Promise<number> {
  await settled();
  const before = await requests();
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  const after = await requests();
  const candidate = after.candidate - before.candidate;
  return Math.round((100 * candidate) / (candidate + after.stable - before.stable));
}

/** The proxy knows the weights, and what it did before has been written to Prometheus. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4_000));
}

async function requests(): Promise<{ stable: number; candidate: number }> {
  const samples = await query(reached);
  const of = (name: string) => samples.find(({ metric }) => metric.release === name)?.value ?? 0;
  return { stable: of("kassa"), candidate: of(CANDIDATE) };
}

/** The release's own pods, as its Deployment wants them. */
async function stable(): Promise<{ replicas: number; color: string }> {
  const { spec } = await kubectlJson("get", "deployment", "kassa-transactions-api", "--namespace", NAMESPACE);
  return { replicas: spec.replicas, color: spec.template.metadata.labels.color };
}

async function assertNoCandidate(): Promise<void> {
  const { items } = await kubectlJson(
    "get",
    "all",
    "--namespace",
    NAMESPACE,
    "--selector",
    `app.kubernetes.io/instance=${CANDIDATE}`,
  );
  assert.deepEqual(
    items.filter(({ kind }: { kind: string }) => kind !== "Pod"),
    [],
  );
}
