/** The load generator as a process of its own: takes one job at a time from its parent. */
import type { FromGenerator, ToGenerator } from "./load-job.ts";
import { LoadRun } from "./load-run.ts";

const PROGRESS_MS = 250;

let running: LoadRun | undefined;

process.on("message", (message: ToGenerator) => {
  if (message.kind === "rate") running?.setRate(message.ratePerS);
  else void run(new LoadRun(message.job));
});
process.on("disconnect", () => process.exit(0));
process.on("uncaughtException", (error) => {
  tell({ kind: "failed", message: error.stack ?? error.message });
});

async function run(next: LoadRun): Promise<void> {
  running = next;
  const ticker = setInterval(() => tell({ kind: "progress", progress: next.progress }), PROGRESS_MS);
  try {
    tell({ kind: "result", result: await next.run() });
  } catch (error) {
    tell({ kind: "failed", message: (error as Error).message });
  } finally {
    clearInterval(ticker);
  }
}

function tell(message: FromGenerator): void {
  process.send?.(message);
}
