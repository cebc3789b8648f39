import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../log/index.ts";
import { type Component, type DrainPhase, drainPhases } from "./component.ts";

export type DrainBounds = { readonly pauseMs: number; readonly boundMs: number };

/** What flush and close get at least, however long the work before took: leases are released, connections let go. */
const LAST_WORDS_MS = 1_000;

/**
 * Walks the components through the phases of a drain, the last started first, all within the bound. A step that fails or hangs is
 * logged and does not keep the others from theirs.
 * @returns true when every step went well in time
 */
export async function drain(
  startUp: Promise<unknown>,
  components: readonly Component[],
  bounds: DrainBounds,
  log: Logger,
): Promise<boolean> {
  const endAtMs = performance.now() + bounds.boundMs;
  const remainingMs = (atLeastMs: number): number => Math.max(atLeastMs, endAtMs - performance.now());
  let isClean = await within(remainingMs(0), "start", () => startUp, log);
  for (const phase of drainPhases) {
    const atLeastMs = phase === "flush" || phase === "close" ? LAST_WORDS_MS : 0;
    for (const component of components.toReversed()) {
      const isDone = await step(component, phase, remainingMs(atLeastMs), log);
      isClean &&= isDone;
    }
    if (phase === "unready" && components.length > 0) await sleep(Math.min(bounds.pauseMs, remainingMs(0)));
  }
  return isClean;
}

async function step(component: Component, phase: DrainPhase, timeMs: number, log: Logger): Promise<boolean> {
  if (component[phase] === undefined) return true;
  return within(timeMs, `${phase} of ${component.name}`, () => component[phase]?.(), log);
}

/** True when the step ended well in time. */
async function within(timeMs: number, what: string, begin: () => unknown, log: Logger): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), timeMs);
  try {
    const outcome = await Promise.race([Promise.resolve(begin()), late]);
    if (outcome !== "late") return true;
    log.error({ step: what, time_ms: Math.round(timeMs) }, "a step of the drain took too long");
  } catch (error) {
    log.error({ step: what, err: error }, "a step of the drain failed");
  } finally {
    clearTimeout(timer);
  }
  return false;
}
