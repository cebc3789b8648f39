export type NotSentReason =
  /** The breaker is open. */
  | "breaker_open"
  /** The caller's deadline had passed before the call. */
  | "deadline_passed"
  /** The caller had given up before the call. */
  | "caller_gone"
  /** No connection could be made. */
  | "unreachable";

/** Nothing of any try left this process: the remote side has not acted, and the caller may safely do something else. */
export class NotSent extends Error {
  override readonly name = "NotSent";
  readonly reason: NotSentReason;

  constructor(executor: string, reason: NotSentReason, options?: ErrorOptions) {
    super(`${executor} was not called: ${reason}`, options);
    this.reason = reason;
  }
}
