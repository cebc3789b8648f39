import { setTimeout as sleep } from "node:timers/promises";
import type { Component } from "@kassa/platform/runtime";
import type { AnswerWay } from "../commands/execute-operation.ts";

export type HeldAnswersOptions = {
  readonly slowMs: number;
  /** Milliseconds an answer waits for its webhook at most. */
  readonly webhookFirstMs: number;
  /** Answers held at once at most; the next is an error. */
  readonly maxHeld: number;
  isWebhookWaiting(messageId: string): Promise<boolean>;
};

const WEBHOOK_LOOK_MS = 20;

/** Answers that do not travel at once. All are let go when the service stops. */
export class HeldAnswers implements Component {
  readonly name = "held_answers";
  readonly #options: HeldAnswersOptions;
  readonly #stop = new AbortController();
  #held = 0;

  constructor(options: HeldAnswersOptions) {
    this.#options = options;
  }

  stopAccepting(): void {
    this.#stop.abort();
  }

  close(): void {
    this.#stop.abort();
  }

  /** Resolves when it is time to answer: with true as decided, with false with an error. */
  async until(way: AnswerWay, messageId: string, clientSignal: AbortSignal): Promise<boolean> {
    if (way === "at_once") return true;
    if (way === "error" || this.#held >= this.#options.maxHeld) return false;
    this.#held += 1;
    try {
      return await this.#wait(way, messageId, AbortSignal.any([clientSignal, this.#stop.signal]));
    } finally {
      this.#held -= 1;
    }
  }

  async #wait(way: Exclude<AnswerWay, "at_once" | "error">, messageId: string, signal: AbortSignal): Promise<boolean> {
    switch (way) {
      case "slow":
        await sleep(this.#options.slowMs, undefined, { signal }).catch(() => {});
        return true;
      case "after_webhook":
        await this.#webhookDelivered(messageId, signal);
        return true;
      case "never":
        await aborted(signal);
        return false;
    }
  }

  async #webhookDelivered(messageId: string, signal: AbortSignal): Promise<void> {
    const giveUpAt = performance.now() + this.#options.webhookFirstMs;
    while (!signal.aborted && performance.now() < giveUpAt) {
      if (!(await this.#options.isWebhookWaiting(messageId))) return;
      await sleep(WEBHOOK_LOOK_MS);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
