/** No answer came in time. The remote side may have acted: the outcome is unknown. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
  /** True when the caller gave up, so that the remote side is not to blame. */
  readonly isCallers: boolean;

  constructor(executor: string, waitedMs: number, isCallers: boolean, options?: ErrorOptions) {
    super(
      isCallers
        ? `the caller of ${executor} gave up waiting`
        : `${executor} did not answer within ${Math.round(waitedMs)} ms`,
      options,
    );
    this.isCallers = isCallers;
  }
}
