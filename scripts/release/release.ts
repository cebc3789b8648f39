/**
 * Canary and blue-green with Helm and an HTTPRoute: the pods that serve a service's routes once more, as a release beside the umbrella's,
 * and a share of the requests for them. docs/release.md tells when to use which.
 *
 *     node scripts/release/release.ts start --set image.tag=0.2.0       a candidate, without requests
 *     node scripts/release/release.ts shift --weight 25                 a share for it: 0 to 100 percent
 *     node scripts/release/release.ts promote                           the umbrella becomes what the candidate is; the candidate goes
 *     node scripts/release/release.ts abort                             every request back; the candidate goes
 *     node scripts/release/release.ts canary --set image.tag=0.2.0 --steps 5,25,50 --pause 60 --check 'k6 run loadtests/payments.js'
 *
 * --release kassa, --namespace default, --service transactions, --chart charts/kassa (the one that is installed), --candidate-chart (the one
 * that is to come; the same without it), --timeout 10 (minutes that Helm waits), --settle 5 (seconds that the proxies get to follow a weight
 * before what it pointed at goes). The check is run by the shell after each pause, with KASSA_WEIGHT set; when it fails, or a pod of the
 * candidate does, everything goes back.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Candidate } from "./candidate.ts";

const CHECK_MS = 30 * 60_000;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    release: { type: "string", default: "kassa" },
    namespace: { type: "string", default: "default" },
    service: { type: "string", default: "transactions" },
    chart: { type: "string", default: "charts/kassa" },
    "candidate-chart": { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    weight: { type: "string" },
    steps: { type: "string", default: "5,25,50" },
    pause: { type: "string", default: "60" },
    check: { type: "string" },
    timeout: { type: "string", default: "10" },
    settle: { type: "string", default: "5" },
  },
});

const commands: Readonly<Record<string, (candidate: Candidate) => void | Promise<void>>> = {
  start: (candidate) => candidate.start(options.set),
  shift: (candidate) => candidate.shift(whole("--weight", options.weight ?? "", 100)),
  promote: (candidate) => candidate.promote(),
  abort: (candidate) => candidate.abort(),
  canary,
};

try {
  const command = commands[positionals[0] ?? ""];
  if (command === undefined) throw new Error(`say what to do: ${Object.keys(commands).join(", ")}`);
  const stableChart = resolve(options.chart);
  await command(
    new Candidate({
      release: options.release,
      namespace: options.namespace,
      service: options.service,
      stableChart,
      candidateChart: resolve(options["candidate-chart"] ?? stableChart),
      timeoutMinutes: whole("--timeout", options.timeout, 60),
      settleMs: whole("--settle", options.settle, 600) * 1000,
    }),
  );
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function canary(candidate: Candidate): Promise<void> {
  const steps = options.steps.split(",").map((step) => whole("--steps", step.trim(), 100));
  const pauseMs = whole("--pause", options.pause, 86_400) * 1000;
  candidate.start(options.set);
  for (const weight of steps) {
    candidate.shift(weight);
    console.log(`${candidate.name}: ${weight} percent`);
    await sleep(pauseMs);
    const complaints = [...candidate.complaints(), ...check(weight)];
    if (complaints.length === 0) continue;
    await candidate.abort();
    throw new Error(`at ${weight} percent, all is back as it was: ${complaints.join("; ")}`);
  }
  await candidate.promote();
  console.log(`${candidate.name}: promoted`);
}

function check(weight: number): string[] {
  if (options.check === undefined) return [];
  const env = { ...process.env, KASSA_WEIGHT: String(weight) };
  const { status, error } = spawnSync("sh", ["-c", options.check], { stdio: "inherit", env, timeout: CHECK_MS });
  return status === 0 ? [] : [`the check ${error?.message ?? `ended with ${status}`}`];
}

function whole(name: string, text: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new Error(`${name} takes a whole number from 0 to ${most}, not ${JSON.stringify(text)}`);
}
