/** Random numbers that a seed repeats. */
export type Random = {
  /** Uniform, from 0 up to but not including 1. */
  fraction(): number;
  /** A whole number from `least` to `most`. */
  integer(least: number, most: number): number;
  /** True in that share of all calls. */
  chance(share: number): boolean;
  /** Exponential: the pauses between arrivals that know nothing of each other. */
  pause(mean: number): number;
  /** Log-normal around `median`: many small ones, a few large. */
  spread(median: number, sigma: number): number;
  pick<T>(items: readonly T[]): T;
  /** An item by its weight. */
  weigh<T>(items: readonly (readonly [item: T, weight: number])[]): T;
};

/** @param seed any 32-bit integer */
export function seededRandom(seed: number): Random {
  const fraction = mulberry32(seed);
  const integer = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    integer,
    chance: (share) => fraction() < share,
    pause: (mean) => -mean * Math.log(1 - fraction()),
    spread: (median, sigma) => median * Math.exp(sigma * normal(fraction)),
    pick: (items) => items[integer(0, items.length - 1)] as (typeof items)[number],
    weigh: (items) => weigh(items, fraction()),
  };
}

function weigh<T>(items: readonly (readonly [item: T, weight: number])[], at: number): T {
  let left = at * items.reduce((sum, [, weight]) => sum + weight, 0);
  const found = items.find(([, weight]) => {
    left -= weight;
    return left < 0;
  });
  const last = items.at(-1);
  if (last === undefined) throw new RangeError("nothing to choose from");
  return (found ?? last)[0];
}

/** Box and Muller's. */
function normal(fraction: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
}

/** Tommy Ettinger's Mulberry32: small, and good enough for traffic. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
