/** Two neighbouring buckets differ by 2 %, so a percentile is off by 1 % at most. */
const GROWTH = 1.02;
const LEAST_MS = 0.1;
const BUCKETS = 800;

export type Percentiles = {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

/** Any number of durations in bounded memory. */
export class Latencies {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #maxMs = 0;

  record(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / Math.log(GROWTH));
    const at = Math.min(BUCKETS - 1, bucket);
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  percentiles(): Percentiles {
    const at = (share: number) => this.#atShare(share);
    return {
      count: this.#count,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      p999: at(0.999),
      max: rounded(this.#maxMs),
    };
  }

  #atShare(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return rounded(Math.min(this.#maxMs, LEAST_MS * GROWTH ** bucket));
    }
    return rounded(this.#maxMs);
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
