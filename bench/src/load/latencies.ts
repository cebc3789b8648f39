const BUCKET_MS = 0.02;
const MAX_MS = 20_000;

/** Counts latencies in buckets of 20 µs, up to 20 s. */
export class Latencies {
  readonly #buckets = new Uint32Array(MAX_MS / BUCKET_MS + 1);
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    const bucket = Math.min(this.#buckets.length - 1, Math.floor(ms / BUCKET_MS));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  /** In ms; `share` from 0 to 1. */
  percentile(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (let bucket = 0; bucket < this.#buckets.length; bucket += 1) {
      left -= this.#buckets[bucket] ?? 0;
      if (left <= 0) return (bucket + 1) * BUCKET_MS;
    }
    return this.#maxMs;
  }

  get maxMs(): number {
    return this.#maxMs;
  }
}
