import { relative } from "node:path";
import { watchForEnding } from "../installation/ending.ts";
import type { Installation } from "../installation/start-installation.ts";
import { startInstallation } from "../installation/start-installation.ts";

export type StartOptions = {
  readonly data: string;
  readonly port: number;
  /** Logs to standard output in place of a file. */
  readonly verbose: boolean;
};

/** Runs the whole product until a signal ends it. Resolves with the exit code. */
export async function start(options: StartOptions): Promise<number> {
  const ending = watchForEnding();
  const tell = (line: string) => console.log(line);
  let installation: Installation;
  try {
    installation = await startInstallation({
      dataDir: options.data,
      port: options.port,
      env: process.env,
      signal: ending.signal,
      tell,
      ...(options.verbose ? { logTo: process.stdout } : {}),
    });
  } catch (error) {
    if (ending.signal.aborted) return 0;
    throw error;
  }
  console.log(welcome(installation, process.uptime()));
  const failure = await Promise.race([ending.wanted, installation.failed, uncaughtError()]);
  if (failure === undefined) console.log("Stopping; once more to stop at once.");
  else console.error(`kassa: ${failure}`);
  const isClean = await installation.stop();
  console.log("Stopped.");
  return isClean && failure === undefined ? 0 : 1;
}

/** Resolves with a sentence about an error that nobody caught: the state it left behind is not to be trusted. */
function uncaughtError(): Promise<string> {
  return new Promise((resolve) => {
    process.on("uncaughtException", (error) => resolve(`An error that nobody caught ends Kassa: ${error.stack}`));
  });
}

const EXAMPLE = `{"amount":1999,"currency":"EUR","payment_method":"pm_card_visa","reference":"order-1"}`;

function welcome({ url, apiKey, folder }: Installation, seconds: number): string {
  const data = relative(process.cwd(), folder.root);
  const shown = data === "" || data.startsWith("..") ? folder.root : data;
  return `
Kassa is ready (${seconds.toFixed(1)} s).

  API    ${url}       documentation ${url}/docs
  Key    ${apiKey}
  Data   ${shown}       logs in ${shown}/logs

Take a payment, and wait for its outcome:

  curl -s ${url}/v1/payments -H 'Authorization: Bearer ${apiKey}' -H "Idempotency-Key: first-$(date +%s)" -H 'Content-Type: application/json' -H 'Prefer: wait=10' -d '${EXAMPLE}'

Check the books:        npx kassa prove
Make some traffic:      npx kassa traffic --rps 20 --duration 60
One payment's story:    npx kassa trace <payment id>
`;
}
