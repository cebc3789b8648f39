import { setTimeout as sleep } from "node:timers/promises";
import { type Random, shuffled } from "./seeded-random.ts";

/** Something that is killed: the pid that was hit, and what resolves once all that the test has to start again is ready. */
export type Kill = { readonly target: string; strike(): Promise<Hit> };

export type Hit = { readonly pid: number; readonly back: Promise<void> };

export type Struck = { readonly target: string; readonly pid: number; readonly atMs: number };

/** The part of the load's time in which kills fall. */
const FIRST = 0.08;
const LAST = 0.95;

/**
 * Strikes all of them in an order and at moments by chance, within a time of `durationMs` from now, others while one is still down. One
 * that is not back yet is waited for before it is struck again. Resolves when all are back.
 */
export async function strikeAll(random: Random, kills: readonly Kill[], durationMs: number): Promise<Struck[]> {
  const startedAtMs = Date.now();
  const moments = kills.map(() => durationMs * (FIRST + random() * (LAST - FIRST))).sort((a, b) => a - b);
  const struck: Struck[] = [];
  const backs = new Map<string, Promise<void>>();
  for (const [index, kill] of shuffled(random, kills).entries()) {
    const waitMs = startedAtMs + (moments[index] ?? 0) - Date.now();
    if (waitMs > 0) await sleep(waitMs);
    await backs.get(kill.target);
    const atMs = Date.now() - startedAtMs;
    const { pid, back } = await kill.strike();
    back.catch(() => undefined); // awaited below
    backs.set(kill.target, back);
    struck.push({ target: kill.target, pid, atMs });
  }
  await Promise.all(backs.values());
  return struck;
}
