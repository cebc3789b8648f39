/** What the person at the terminal or the system wants: an orderly end at the first signal, an end at once at the second. */
export type Ending = {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly wanted: Promise<void>;
};

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const EXIT_AT_ONCE = 130;

export function watchForEnding(): Ending {
  const controller = new AbortController();
  const { promise: wanted, resolve } = Promise.withResolvers<void>();
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_AT_ONCE);
      controller.abort();
      resolve();
    });
  }
  return { signal: controller.signal, wanted };
}
