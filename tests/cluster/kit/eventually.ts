import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 500;

/** What `look` finds, as soon as it finds something; its last error, or `what`, when that takes longer than `timeoutMs`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const giveUpAtMs = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(PAUSE_MS);
  } while (Date.now() < giveUpAtMs);
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last });
}
