import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { metricsText } from "../metrics/index.ts";
import {
  breakers,
  createExecutor,
  type Executor,
  type ExecutorFigures,
  NotSent,
  TimedOut,
  UnexpectedStatus,
} from "./index.ts";

const busy = new UnexpectedStatus("acquirer", 503, undefined);
const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
let executor: Executor;

/** Lets promises settle, then moves the clock, step by step, so that timers set on the way are met. */
async function pass(ms: number, stepMs = 10): Promise<void> {
  for (let at = 0; at < ms; at += stepMs) {
    await settle();
    mock.timers.tick(Math.min(stepMs, ms - at));
  }
  await settle();
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function create(figures: Partial<ExecutorFigures> = {}, random = 0.5): Executor {
  executor = createExecutor({ name: "acquirer", figures, random: () => random });
  return executor;
}

/** Fails with the errors in turn, then answers; notes when it was called. */
function failing(...errors: readonly unknown[]) {
  const calledAtMs: number[] = [];
  const startMs = Date.now();
  const fn = async () => {
    calledAtMs.push(Date.now() - startMs);
    const error = errors[calledAtMs.length - 1];
    if (error !== undefined) throw error;
    return "answer";
  };
  return { fn, calledAtMs };
}

/** The outcome of a promise that need not be awaited at once. */
function outcome<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: Date.UTC(2026, 0, 1) }));
afterEach(() => {
  executor.close();
  mock.timers.reset();
});

describe("the executor's retries", () => {
  it("try an idempotent call three times, after 100 and 200 ms", async () => {
    const { fn, calledAtMs } = failing(busy, busy, busy, busy);
    const seen = outcome(create().execute(fn, { idempotent: true }));
    await pass(1000);
    assert.deepEqual(calledAtMs, [0, 100, 300]);
    assert.equal(seen.error, busy);
  });

  it("pause 2 s at most, give or take the jitter of 100 ms", async () => {
    const { fn, calledAtMs } = failing(busy, busy, busy, busy, busy, busy, busy);
    outcome(create({ tries: 7, breakerVolume: 100 }).execute(fn, { idempotent: true }));
    await pass(8000);
    const pauses = calledAtMs.slice(1).map((at, index) => at - (calledAtMs[index] ?? 0));
    assert.deepEqual(pauses, [100, 200, 400, 800, 1600, 2000]);
    executor.close();
    for (const [random, expected] of [
      [0.25, 50],
      [1, 200],
    ] as const) {
      const jittered = failing(busy);
      outcome(create({}, random).execute(jittered.fn, { idempotent: true }));
      await pass(300);
      assert.equal(jittered.calledAtMs[1], expected);
      executor.close();
    }
  });

  it("return the answer that a later try brings", async () => {
    const seen = outcome(create().execute(failing(busy).fn, { idempotent: true }));
    await pass(200);
    assert.equal(seen.value, "answer");
  });

  it("leave a call alone that is not idempotent, unless nothing was sent", async () => {
    const sent = failing(busy);
    assert.equal(
      await create()
        .execute(sent.fn)
        .catch((error) => error),
      busy,
    );
    assert.equal(sent.calledAtMs.length, 1);
    const unsent = failing(refused);
    const seen = outcome(executor.execute(unsent.fn));
    await pass(200);
    assert.equal(seen.value, "answer");
    assert.equal(unsent.calledAtMs.length, 2);
  });

  it("do not repeat what will fail again", async () => {
    const { fn, calledAtMs } = failing(new Error("a bug"));
    await assert.rejects(create().execute(fn, { idempotent: true }), /a bug/);
    assert.equal(calledAtMs.length, 1);
  });

  it("do not begin a try that the deadline leaves no time for", async () => {
    const { fn, calledAtMs } = failing(busy, busy);
    const seen = outcome(create().execute(fn, { idempotent: true, deadlineAtMs: Date.now() + 90 }));
    await pass(200);
    assert.deepEqual(calledAtMs, [0]);
    assert.equal(seen.error, busy);
  });
});

describe("the executor's time-out", () => {
  it("aborts a try after 10 s", async () => {
    let reason: unknown;
    const seen = outcome(
      create({ tries: 1 }).execute((signal) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
        });
        return new Promise(() => {});
      }),
    );
    await pass(9_990);
    assert.ok(!("error" in seen));
    await pass(20);
    assert.ok(seen.error instanceof TimedOut);
    assert.equal(reason, seen.error);
  });

  it("never waits beyond the caller's deadline", async () => {
    const seen = outcome(create().execute(never, { deadlineAtMs: Date.now() + 500, idempotent: true }));
    await pass(490);
    assert.ok(!("error" in seen));
    await pass(20);
    assert.ok(seen.error instanceof TimedOut);
  });

  it("sends nothing once the deadline has passed", async () => {
    const { fn, calledAtMs } = failing();
    const error = await create()
      .execute(fn, { deadlineAtMs: Date.now() })
      .catch((e) => e);
    assert.ok(error instanceof NotSent);
    assert.equal(error.reason, "deadline_passed");
    assert.equal(calledAtMs.length, 0);
  });

  it("stops when the caller gives up, which the breaker does not count", async () => {
    const controller = new AbortController();
    create({ breakerVolume: 1 });
    const seen = outcome(executor.execute(never, { signal: controller.signal, idempotent: true }));
    await settle();
    controller.abort();
    await pass(10);
    assert.ok(seen.error instanceof TimedOut && seen.error.isCallers);
    assert.equal(executor.breakerState, "closed");
    const error = await executor.execute(never, { signal: controller.signal }).catch((e) => e);
    assert.ok(error instanceof NotSent && error.reason === "caller_gone");
  });
});

describe("the executor's breaker", () => {
  async function fail(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) await executor.execute(failing(busy).fn).catch(() => {});
  }
  async function succeed(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) await executor.execute(failing().fn);
  }

  it("stays closed below its volume, even when every try fails", async () => {
    create();
    await fail(19);
    assert.equal(executor.breakerState, "closed");
    await fail(1);
    assert.equal(executor.breakerState, "open");
  });

  it("opens when more than half of the tries failed, not at half", async () => {
    create();
    await succeed(15);
    await fail(15);
    assert.equal(executor.breakerState, "closed");
    await fail(1);
    assert.equal(executor.breakerState, "open");
  });

  it("forgets what is older than its window", async () => {
    create();
    await fail(19);
    await pass(11_000, 1000);
    await fail(1);
    assert.equal(executor.breakerState, "closed");
  });

  it("sends nothing while it is open and says so, and lets one try through after 60 s", async () => {
    create();
    await fail(20);
    const { fn, calledAtMs } = failing();
    const error = await executor.execute(fn, { idempotent: true }).catch((e) => e);
    assert.ok(error instanceof NotSent);
    assert.equal(error.reason, "breaker_open");
    await pass(59_000, 1000);
    assert.equal(executor.breakerState, "open");
    await pass(1000, 1000);
    assert.equal(executor.breakerState, "half_open");
    const probe = outcome(executor.execute(never, { deadlineAtMs: Date.now() + 100 }));
    await settle();
    assert.ok((await executor.execute(fn).catch((e) => e)) instanceof NotSent);
    await pass(110);
    assert.ok(probe.error instanceof TimedOut);
    assert.equal(executor.breakerState, "open");
    assert.equal(calledAtMs.length, 0);
    await pass(60_000, 1000);
    await executor.execute(fn);
    assert.equal(executor.breakerState, "closed");
  });

  it("does not count what the remote side is not to blame for, nor values such as declines", async () => {
    executor = createExecutor({ name: "acquirer", classify: () => "ignore" });
    await fail(40);
    for (let n = 0; n < 40; n += 1) await executor.execute(async () => ({ declined: true }));
    assert.equal(executor.breakerState, "closed");
  });

  it("does not turn a try that may have arrived into NotSent", async () => {
    create({ breakerVolume: 1, breakerErrorPercent: 1 });
    const seen = outcome(executor.execute(failing(busy, busy).fn, { idempotent: true }));
    await pass(500);
    assert.equal(executor.breakerState, "open");
    assert.equal(seen.error, busy);
  });
});

describe("the executor", () => {
  it("says NotSent when no connection could ever be made, with the cause", async () => {
    const seen = outcome(create().execute(failing(refused, refused, refused).fn));
    await pass(1000);
    assert.ok(seen.error instanceof NotSent);
    assert.equal(seen.error.reason, "unreachable");
    assert.equal(seen.error.cause, refused);
  });

  it("treats an error thrown before the first await like any other", async () => {
    const throwing = (): Promise<never> => {
      throw new Error("at once");
    };
    await assert.rejects(create().execute(throwing), /at once/);
  });

  it("shows breakers, calls, retries and durations in metrics", async () => {
    const seen = outcome(create({ breakerVolume: 2 }).execute(failing(busy, busy, busy).fn, { idempotent: true }));
    await pass(500);
    assert.equal(seen.error, busy);
    assert.deepEqual(breakers(), [{ name: "acquirer", state: "open" }]);
    const { text } = await metricsText();
    assert.match(text, /kassa_breaker_state\{name="acquirer"\} 2/);
    assert.match(text, /kassa_remote_calls_total\{name="acquirer",outcome="failed"\} \d/);
    assert.match(text, /kassa_remote_calls_total\{name="acquirer",outcome="not_sent"\} \d/);
    assert.match(text, /kassa_remote_retries_total\{name="acquirer"\} \d/);
    assert.match(text, /kassa_remote_call_duration_seconds_count\{name="acquirer"\} \d/);
    executor.close();
    assert.deepEqual(breakers(), []);
  });
});
