import { type Clock, systemClock } from "@kassa/kernel/clock";
import { DelegateBackoff, handleWhen, retry } from "cockatiel";
import CircuitBreaker from "opossum";
import { counter, gauge, histogram } from "../metrics/index.ts";
import { classifyHttp } from "./classify-http.ts";
import { completeFigures, type ExecutorFigures } from "./figures.ts";
import { NotSent } from "./not-sent.ts";
import { TimedOut } from "./timed-out.ts";
import { withinTime } from "./within-time.ts";

/** What an error of a try means. A declined card or a 404 is no error at all but a value that fn returns. */
export type Verdict =
  /** The remote side failed in a way that may pass: tried again when the call is idempotent. */
  | "retry"
  /** Nothing was sent: tried again in any case. */
  | "retry_unsent"
  /** The remote side failed, and will again. */
  | "fail"
  /** Not the remote side's failure: the breaker does not count it. */
  | "ignore";

export type ExecutorOptions = {
  /** Names the remote side in metrics, errors and `breakers()`. */
  readonly name: string;
  /** What is missing takes its default. */
  readonly figures?: Partial<ExecutorFigures>;
  /** Default: `classifyHttp`. */
  readonly classify?: (error: unknown) => Verdict;
  readonly clock?: Clock;
  /** From 0 to 1, for the jitter. Default Math.random. */
  readonly random?: () => number;
};

export type CallOptions = {
  /** Milliseconds since the epoch; no try goes on beyond it. */
  readonly deadlineAtMs?: number | undefined;
  /** True when repeating the call cannot act twice. Default false: only what was provably not sent is tried again. */
  readonly idempotent?: boolean | undefined;
  /** Aborted when the caller gives up. */
  readonly signal?: AbortSignal | undefined;
};

export type BreakerState = "closed" | "half_open" | "open";

/** Calls one remote side: retry outside, breaker inside, an aborting time-out innermost. */
export type Executor = {
  readonly name: string;
  readonly breakerState: BreakerState;
  /**
   * @throws NotSent when nothing left this process, TimedOut when no answer came in time, otherwise the last try's own error.
   *   After a try that may have arrived, never NotSent.
   */
  execute<T>(fn: (signal: AbortSignal) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Stops the breaker's timers. */
  close(): void;
};

const STATES: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };
const executors = new Map<string, Executor>();

/** The breakers of this process. */
export function breakers(): readonly { readonly name: string; readonly state: BreakerState }[] {
  return [...executors.values()].map(({ name, breakerState }) => ({ name, state: breakerState }));
}

gauge("kassa_breaker_state", "0 closed, 1 half open, 2 open", ["name"], (metric) => {
  for (const { name, state } of breakers()) metric.set({ name }, STATES[state]);
});
const calls = counter("kassa_remote_calls_total", "Calls of remote sides by outcome, retries not counted", [
  "name",
  "outcome",
]);
const retries = counter("kassa_remote_retries_total", "Tries after the first", ["name"]);
const durationSeconds = histogram("kassa_remote_call_duration_seconds", "Time of a call with its retries", ["name"]);

export function createExecutor(options: ExecutorOptions): Executor {
  const executor = new ComposedExecutor(options);
  executors.set(options.name, executor);
  return executor;
}

type Fire = (
  fn: (signal: AbortSignal) => Promise<unknown>,
  timeMs: number,
  signal: AbortSignal | undefined,
) => Promise<unknown>;

/** Thrown into the retry policy to ask for another try after a pause. */
class TryAgain {
  readonly error: unknown;
  readonly pauseMs: number;

  constructor(error: unknown, pauseMs: number) {
    this.error = error;
    this.pauseMs = pauseMs;
  }
}

/** What is remembered between the tries of one call. */
type Call = CallOptions & {
  /** The last error of a try that may have reached the remote side. */
  sentError?: unknown;
};

class ComposedExecutor implements Executor {
  readonly name: string;
  readonly #figures: ExecutorFigures;
  readonly #classify: (error: unknown) => Verdict;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #retry;
  readonly #breaker: CircuitBreaker<Parameters<Fire>, unknown>;

  constructor(options: ExecutorOptions) {
    this.name = options.name;
    this.#figures = completeFigures(options.figures ?? {});
    this.#classify = options.classify ?? classifyHttp;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#retry = retry(
      handleWhen((error) => (error as unknown) instanceof TryAgain),
      {
        maxAttempts: this.#figures.tries - 1,
        backoff: new DelegateBackoff(({ result }) =>
          "error" in result ? (result.error as unknown as TryAgain).pauseMs : 0,
        ),
      },
    );
    const fire: Fire = (fn, timeMs, signal) => withinTime(this.name, timeMs, signal, fn);
    this.#breaker = new CircuitBreaker(fire, {
      timeout: false,
      errorThresholdPercentage: this.#figures.breakerErrorPercent,
      volumeThreshold: this.#figures.breakerVolume,
      resetTimeout: this.#figures.breakerResetMs,
      rollingCountTimeout: this.#figures.breakerWindowMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error) => this.#classify(error) === "ignore",
    });
  }

  get breakerState(): BreakerState {
    if (this.#breaker.opened) return "open";
    return this.#breaker.halfOpen ? "half_open" : "closed";
  }

  async execute<T>(fn: (signal: AbortSignal) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const startedAtMs = performance.now();
    const call: Call = { ...options };
    let outcome = "ok";
    try {
      return (await this.#retry.execute(({ attempt }) => this.#try(fn, call, attempt))) as T;
    } catch (thrown) {
      const error = thrown instanceof TryAgain ? this.#final(thrown.error, call) : thrown;
      outcome = outcomeOf(error);
      throw error;
    } finally {
      calls.inc({ name: this.name, outcome });
      durationSeconds.observe({ name: this.name }, (performance.now() - startedAtMs) / 1000);
    }
  }

  close(): void {
    if (executors.get(this.name) === this) executors.delete(this.name);
    this.#breaker.shutdown();
  }

  async #try(fn: (signal: AbortSignal) => Promise<unknown>, call: Call, attempt: number): Promise<unknown> {
    if (attempt > 0) retries.inc({ name: this.name });
    const remainingMs = (call.deadlineAtMs ?? Number.POSITIVE_INFINITY) - this.#clock.now();
    if (remainingMs <= 0) throw this.#final(new NotSent(this.name, "deadline_passed"), call);
    if (call.signal?.aborted) throw this.#final(new NotSent(this.name, "caller_gone"), call);
    try {
      return await this.#breaker.fire(fn, Math.min(this.#figures.timeoutMs, remainingMs), call.signal);
    } catch (error) {
      throw this.#judge(error, call, attempt);
    }
  }

  /** Another try, or the error that ends the call. */
  #judge(error: unknown, call: Call, attempt: number): unknown {
    // Asking again within two seconds would find it open again.
    if (isBreakerOpen(error)) return this.#final(new NotSent(this.name, "breaker_open"), call);
    const verdict = this.#classify(error);
    if (verdict !== "retry_unsent") call.sentError = error;
    if (verdict === "fail" || verdict === "ignore") return error;
    if (verdict === "retry" && call.idempotent !== true) return error;
    const pauseMs = this.#pauseMs(attempt);
    if (call.deadlineAtMs !== undefined && this.#clock.now() + pauseMs >= call.deadlineAtMs)
      return this.#final(error, call);
    return new TryAgain(error, pauseMs);
  }

  /** The error to end with: one that says "not sent" is only true when no earlier try was. */
  #final(error: unknown, call: Call): unknown {
    if (call.sentError !== undefined) return call.sentError;
    if (error instanceof NotSent) return error;
    return new NotSent(this.name, "unreachable", { cause: error });
  }

  #pauseMs(attempt: number): number {
    const { retryFirstMs, retryMaxMs, retryJitterMs } = this.#figures;
    const pauseMs = Math.min(retryMaxMs, retryFirstMs * 2 ** attempt);
    return Math.max(0, pauseMs + (this.#random() * 2 - 1) * retryJitterMs);
  }
}

function isBreakerOpen(error: unknown): boolean {
  return error instanceof Error && CircuitBreaker.isOurError(error);
}

function outcomeOf(error: unknown): string {
  if (error instanceof NotSent) return "not_sent";
  return error instanceof TimedOut ? "timed_out" : "failed";
}
