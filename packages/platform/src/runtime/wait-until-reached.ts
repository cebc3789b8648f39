import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../log/index.ts";

/** Something outside that a service cannot start without, such as its database. */
export type Need<T> = {
  /** What an operator calls it, with the variable that leads to it: "PostgreSQL (DATABASE_URL)". */
  readonly name: string;
  /** Reaches it; called again while `isAway` holds of its error, so it must not mind being repeated. */
  readonly reach: () => Promise<T>;
  /** True of errors that pass by waiting; any other ends the start at once. */
  readonly isAway: (error: unknown) => boolean;
};

/** What a service needs did not answer for as long as it may wait at start. */
export class NotReached extends Error {
  override readonly name = "NotReached";
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/**
 * Reaches what is needed, however often it takes within `waitMs` (0: once), with pauses that double from 100 ms to 5 s. In a cluster everything starts at
 * once: a pod that ends because its database is a moment later is restarted with growing pauses, and comes later than one that waited.
 * @throws NotReached when the time is over; the first error that no wait would cure; the signal's reason
 */
export async function waitUntilReached<T>(need: Need<T>, waitMs: number, log: Logger, signal: AbortSignal): Promise<T> {
  const startMs = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await need.reach();
    } catch (error) {
      if (!need.isAway(error)) throw error;
      const remainingMs = waitMs - (performance.now() - startMs);
      if (remainingMs <= 0) throw new NotReached(verdict(need.name, waitMs, error), { cause: error });
      log.warn({ need: need.name, remaining_ms: Math.round(remainingMs), reason: reasonOf(error) }, "waiting at start");
      // A timer may fire a millisecond early; the last try comes after the whole wait.
      await sleep(Math.min(pauseMs, Math.ceil(remainingMs) + 1), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}

function verdict(name: string, waitMs: number, error: unknown): string {
  return `${name} was not reached within ${waitMs} ms (START_WAIT_MS): ${reasonOf(error)}`;
}

/** A host of several addresses fails with one error for each, and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
