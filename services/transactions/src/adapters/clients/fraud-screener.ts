import type { ScreeningRequest } from "@kassa/contracts/fraud-routes";
import type { Screening } from "@kassa/contracts/payment-events";
import { counter } from "@kassa/platform/metrics";
import { Batcher } from "@kassa/platform/postgres";
import type { JsonClient } from "@kassa/platform/resilience";
import type { Screener } from "../../ports.ts";

export type FraudScreenerOptions = {
  readonly client: JsonClient;
  readonly fallback: "allow" | "deny";
  readonly deadlineMs: number;
  readonly maxBatch: number;
  readonly maxQueue: number;
};

const CONCURRENT_CALLS = 2;

const fallbacks = counter("kassa_screening_fallbacks_total", "Payments decided by the fallback", ["decision"]);

/** Screens by the fraud service, many payments with one call; its fallback decides when the service does not. */
export class FraudScreener implements Screener {
  readonly #options: FraudScreenerOptions;
  readonly #batcher: Batcher<ScreeningRequest, Screening>;

  constructor(options: FraudScreenerOptions) {
    this.#options = options;
    this.#batcher = new Batcher({
      name: "screening",
      commit: (requests) => this.#call(requests),
      maxBatch: options.maxBatch,
      maxQueue: options.maxQueue,
      concurrency: CONCURRENT_CALLS,
    });
  }

  async screen(request: ScreeningRequest): Promise<Screening> {
    try {
      return await this.#batcher.submit(request);
    } catch {
      return this.#fall("screening_unavailable");
    }
  }

  async #call(requests: readonly ScreeningRequest[]): Promise<readonly Screening[]> {
    const { client, deadlineMs } = this.#options;
    const { status, json } = await client.request({
      method: "POST",
      path: "/v1/screenings/batch",
      body: { payments: requests },
      deadlineAtMs: Date.now() + deadlineMs,
      idempotent: true,
    });
    const screenings = status === 200 ? (json as { screenings: Screening[] }).screenings : undefined;
    if (screenings?.length === requests.length) return screenings;
    return requests.map(() => this.#fall(`screening_status_${status}`));
  }

  #fall(reason: string): Screening {
    const decision = this.#options.fallback;
    fallbacks.inc({ decision });
    return { decision, reasons: [reason], rule_set: "fallback", fallback: true };
  }
}
