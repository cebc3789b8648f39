import assert from "node:assert/strict";
import { kubectl, kubectlJson } from "./command.ts";
import { eventually } from "./eventually.ts";
import { NAMESPACE } from "./installation.ts";

const PROVE_MS = 180_000;
let jobs = 0;

export type Verdict = { readonly isRight: boolean; readonly log: string };

/** `kassa prove` in the cluster, by the chart's own CronJob. */
export async function prove(): Promise<Verdict> {
  jobs += 1;
  const name = `prove-${Date.now().toString(36)}-${jobs}`;
  await kubectl("create", "job", name, "--from=cronjob/kassa-prove", "--namespace", NAMESPACE);
  const job = await eventually(
    "the proof ends",
    async () => {
      const { status } = await kubectlJson("get", "job", name, "--namespace", NAMESPACE);
      return status?.succeeded === 1 || status?.failed === 1 ? status : undefined;
    },
    PROVE_MS,
  );
  const log = await kubectl("logs", `job/${name}`, "--namespace", NAMESPACE);
  return { isRight: job.succeeded === 1, log };
}

/** The books are right; else what the proof says. */
export async function assertProved(): Promise<void> {
  const { isRight, log } = await prove();
  assert.ok(isRight, log);
}
