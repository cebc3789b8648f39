import { setTimeout as sleep } from "node:timers/promises";
import type { BusLog, Delivered, Handler, HandlerFailure, Outgoing, SubscribeOptions } from "./bus.ts";
import { deadLetter, isDeadLetterTopic } from "./dead-letter.ts";
import { PoisonMessage } from "./poison-message.ts";
import { isTransient } from "./transient.ts";

export type Settlement = {
  readonly group: string;
  readonly handle: Handler;
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly onFailure: (failure: HandlerFailure) => void;
  /** Stores a dead letter durably. */
  readonly bury: (message: Outgoing) => Promise<void>;
};

/** The defaults of SubscribeOptions that concern one message. */
export function settlementOf(
  options: SubscribeOptions,
  bury: (message: Outgoing) => Promise<void>,
  log: BusLog,
): Settlement {
  return {
    group: options.group,
    handle: options.handle,
    maxAttempts: options.maxAttempts ?? 8,
    backoffMs: options.backoffMs ?? 100,
    maxBackoffMs: options.maxBackoffMs ?? 10_000,
    onFailure: options.onFailure ?? ((failure) => logFailure(failure, log)),
    bury,
  };
}

/**
 * Calls the handler until the message is settled: handled, or stored in the dead-letter topic. Never rejects.
 * False when the signal was aborted before that: the message stays unacknowledged.
 */
export async function settleMessage(message: Delivered, settlement: Settlement, signal: AbortSignal): Promise<boolean> {
  let failures = 0;
  for (let attempts = 1; !signal.aborted; attempts += 1) {
    const error = await failureOf(settlement.handle, message);
    if (error === undefined) return true;
    if (!isTransient(error)) failures += 1;
    const hopeless = error instanceof PoisonMessage || failures >= settlement.maxAttempts;
    if (hopeless && !isDeadLetterTopic(message.topic)) {
      report(settlement, { message, group: settlement.group, error, attempts, next: { kind: "dead-letter" } });
      return await bury(deadLetter(message, settlement.group, error, attempts), settlement, signal);
    }
    const delayMs = backoff(settlement, attempts);
    report(settlement, { message, group: settlement.group, error, attempts, next: { kind: "retry", delayMs } });
    await pause(delayMs, signal);
  }
  return false;
}

async function failureOf(handle: Handler, message: Delivered): Promise<unknown> {
  try {
    await handle(message);
    return undefined;
  } catch (error) {
    return error ?? new Error("the handler threw nothing");
  }
}

/** Tries until the dead letter is stored: to drop it would lose the message, to go on without it would hide it. */
async function bury(letter: Outgoing, settlement: Settlement, signal: AbortSignal): Promise<boolean> {
  for (let attempts = 1; !signal.aborted; attempts += 1) {
    try {
      await settlement.bury(letter);
      return true;
    } catch {
      await pause(backoff(settlement, attempts), signal);
    }
  }
  return false;
}

/** Exponential with a jitter of 50 to 100 %, so that what failed together does not return together. */
function backoff(settlement: Settlement, attempts: number): number {
  const full = Math.min(settlement.maxBackoffMs, settlement.backoffMs * 2 ** Math.min(attempts - 1, 30));
  return Math.ceil(full * (0.5 + Math.random() / 2));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function report(settlement: Settlement, failure: HandlerFailure): void {
  try {
    settlement.onFailure(failure);
  } catch {
    // A reporter that fails must not stop the partition.
  }
}

/** Neither key nor value: they may hold what no log may. */
function logFailure({ message, group, error, attempts, next }: HandlerFailure, log: BusLog): void {
  const { topic, partition, offset } = message;
  const fields = {
    group,
    topic,
    partition,
    offset,
    attempts,
    error: error instanceof Error ? error.message : String(error),
  };
  if (next.kind === "dead-letter") log("error", "a message was moved to the dead-letter topic", fields);
  else log("warn", "a message could not be handled and is tried again", { ...fields, delayMs: next.delayMs });
}
