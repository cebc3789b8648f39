import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export type BoundedRun = {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly timedOut: boolean;
  /** The end of what it printed. */
  readonly output: string;
  readonly durationMs: number;
};

const MAX_OUTPUT_CHARACTERS = 20_000;
/** Between asking and killing. */
const GRACE_MS = 5_000;

/** The process groups that run now: whoever is stopped stops them too. */
const groups = new Set<number>();

/**
 * Runs a program to its end or for `timeoutMs`. It leads a process group of its own, which is killed afterwards, so that no child of a
 * test outlives it.
 */
export async function runBounded(
  program: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<BoundedRun> {
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) groups.add(child.pid);
  let output = "";
  const keep = (text: string) => {
    output = (output + text).slice(-MAX_OUTPUT_CHARACTERS);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const exited = new Promise<number | null>((done) => {
    child.once("error", (error) => {
      keep(error.message);
      done(null);
    });
    child.once("exit", done);
  });
  const closed = new Promise((done) => child.once("close", done));
  const timedOut = !(await within(options.timeoutMs, exited));
  if (timedOut && child.pid !== undefined) {
    signalGroup(child.pid, "SIGTERM");
    await within(GRACE_MS, exited);
  }
  if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  const code = await exited;
  if (child.pid !== undefined) groups.delete(child.pid);
  await within(GRACE_MS, closed);
  return { code, timedOut, output, durationMs: performance.now() - startedAt };
}

/** For the end of the runner itself, however it comes. */
export function killRunningGroups(): void {
  for (const group of groups) signalGroup(group, "SIGKILL");
}

async function within(ms: number, event: Promise<unknown>): Promise<boolean> {
  const limit = new AbortController();
  const happened = event.then(() => true);
  const late = sleep(ms, false, { signal: limit.signal }).catch(() => false);
  const inTime = await Promise.race([happened, late]);
  limit.abort();
  return inTime;
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Everybody in it is gone already.
  }
}
