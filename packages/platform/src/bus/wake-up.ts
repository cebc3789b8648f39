/** Lets a loop sleep until something happens or a time has passed. A wake-up between two sleeps is not lost. */
export class WakeUp {
  #pending = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Sleeps `ms` at most. True when it was woken. */
  async sleep(ms: number): Promise<boolean> {
    if (!this.#pending) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resolve = resolve;
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    const woken = this.#pending;
    this.#pending = false;
    return woken;
  }
}
