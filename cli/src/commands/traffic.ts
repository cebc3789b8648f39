import { dataFolder } from "../installation/data-folder.ts";
import { watchForEnding } from "../installation/ending.ts";
import { Refusal } from "../installation/refusal.ts";
import { findRunning } from "../installation/running-file.ts";
import { readSecrets } from "../installation/secrets.ts";
import type { MixName } from "../traffic/mix.ts";
import { renderReport } from "../traffic/render-report.ts";
import { runTraffic } from "../traffic/run-traffic.ts";

export type TrafficCommandOptions = {
  readonly data: string;
  readonly rps: number;
  readonly duration: number;
  readonly settle: number;
  readonly maxInFlight: number;
  readonly mix: MixName;
  readonly target?: string;
  readonly key?: string;
  readonly seed?: number;
  readonly json: boolean;
};

const SEEDS = 2 ** 31;

/** Makes payments like a merchant's customers. Resolves with 0 when every request was answered and no key named two payments. */
export async function traffic(options: TrafficCommandOptions): Promise<number> {
  const { target, key } = whereTo(options);
  const seed = options.seed ?? Math.floor(Math.random() * SEEDS);
  const { rps, duration } = options;
  if (!options.json) console.log(`${rps} payments a second for ${duration} s to ${target}, seed ${seed}`);
  const report = await runTraffic({
    target,
    key,
    rps,
    durationS: duration,
    settleS: options.settle,
    mix: options.mix,
    seed,
    maxInFlight: options.maxInFlight,
    signal: watchForEnding().signal,
    ...(options.json ? {} : { progress: (line) => console.log(`  ${line}`) }),
  });
  console.log(options.json ? JSON.stringify(report) : renderReport(report));
  return report.accepted > 0 && report.unanswered === 0 && report.doubled === 0 ? 0 : 1;
}

/** What was given, or the local installation. */
function whereTo({ target, key, data }: TrafficCommandOptions): { target: string; key: string } {
  const folder = dataFolder(data);
  const url = target ?? findRunning(folder)?.url;
  if (url === undefined) {
    throw new Refusal("No Kassa runs here. Start it (npm start), or say where one is with --target <url> --key <key>.");
  }
  const apiKey = key ?? readSecrets(folder)?.apiKey;
  if (apiKey === undefined) throw new Refusal(`An API key is needed for ${url}: --key sk_test_…`);
  return { target: new URL(url).origin, key: apiKey };
}
