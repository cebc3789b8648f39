import { TimedOut } from "./timed-out.ts";

/**
 * Runs fn for at most `timeMs`, then aborts the signal it was given and stops waiting for it. The caller's own signal aborts it too.
 * @throws TimedOut, or what fn throws
 */
export function withinTime<T>(
  name: string,
  timeMs: number,
  callerSignal: AbortSignal | undefined,
  fn: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (isCallers: boolean, cause?: unknown) => {
      release();
      const error = new TimedOut(name, timeMs, isCallers, cause === undefined ? undefined : { cause });
      controller.abort(error);
      reject(error);
    };
    const onCallersAbort = () => giveUp(true, callerSignal?.reason);
    const timer = setTimeout(giveUp, timeMs, false);
    const release = () => {
      clearTimeout(timer);
      callerSignal?.removeEventListener("abort", onCallersAbort);
    };
    callerSignal?.addEventListener("abort", onCallersAbort, { once: true });
    started(fn, controller.signal).then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}

async function started<T>(fn: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return fn(signal);
}
