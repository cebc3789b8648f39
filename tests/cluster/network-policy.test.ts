import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { output } from "./kit/command.ts";
import { createNamespace, installation, NAMESPACE } from "./kit/installation.ts";
import { type ProbePod, startProbePod } from "./kit/probe-pod.ts";

const FOREIGN = `${NAMESPACE}-foreign`;
/** How long a policy may take to cover a new pod. */
const COVERED_MS = 5_000;

/** What is guarded, and the label that opens it. */
const doors = [
  { what: "PostgreSQL", host: "kassa-backing-postgres", port: 5432, label: "kassa-client-postgres" },
  { what: "Kafka", host: "kassa-backing-kafka", port: 9092, label: "kassa-client-kafka" },
  { what: "the API", host: "kassa-transactions", port: 8080, label: "kassa-client-transactions" },
  { what: "fraud", host: "kassa-fraud", port: 8080, label: "kassa-client-fraud" },
  { what: "the acquirer", host: "kassa-acquirer", port: 8080, label: "kassa-client-acquirer" },
] as const;

describe("network policies", () => {
  const pods: ProbePod[] = [];
  const start = async (...args: Parameters<typeof startProbePod>) => {
    const pod = await startProbePod(...args);
    pods.push(pod);
    return pod;
  };
  let stray: ProbePod;
  let foreign: ProbePod;
  let client: ProbePod;
  let foreignClient: ProbePod;

  before(async () => {
    await installation();
    await createNamespace(FOREIGN);
    const labels = Object.fromEntries(doors.map(({ label }) => [label, "true"]));
    [stray, foreign, client, foreignClient] = await Promise.all([
      start(NAMESPACE, "stray", {}),
      start(FOREIGN, "stray", {}),
      start(NAMESPACE, "client", labels),
      start(FOREIGN, "client", labels),
    ]);
    await sleep(COVERED_MS);
  });

  after(async () => {
    await Promise.all(pods.map((pod) => pod.delete()));
    await output("kubectl", ["delete", "namespace", FOREIGN, "--wait=false"]);
  });

  for (const { what, host, port } of doors) {
    const name = `${host}.${NAMESPACE}.svc`;
    it(`keep a stray pod of the same namespace and of another from ${what}, and let a client in`, async () => {
      const reached = await Promise.all([stray, foreign, client, foreignClient].map((pod) => pod.reaches(name, port)));
      assert.deepEqual(reached, [false, false, true, true]);
    });
  }

  it("keep a pod of the product from everything that its chart does not name", async () => {
    const egress = await Promise.all([
      reachesFromFraud("kassa-backing-prometheus", 9090),
      reachesFromFraud("kassa-backing-postgres", 5432),
      reachesFromFraud("kassa-acquirer", 8080),
    ]);
    assert.deepEqual(egress, [true, false, false]);
  });
});

/** From the application's container of the fraud service, which has no business with a database. */
async function reachesFromFraud(host: string, port: number): Promise<boolean> {
  const program = `const s = require("node:net").connect({ host: "${host}", port: ${port}, timeout: 3000 });
s.on("connect", () => process.exit(0)).on("timeout", () => process.exit(3)).on("error", () => process.exit(4));`;
  const args = [
    "exec",
    "deployment/kassa-fraud",
    "--container",
    "app",
    "--namespace",
    NAMESPACE,
    "--",
    "node",
    "--eval",
    program,
  ];
  return (await output("kubectl", args)).code === 0;
}
