/** Numbers from 0 to 1 that the same seed repeats (mulberry32). */
export type Random = () => number;

export const SEED_VARIABLE = "KASSA_TEST_SEED";

/** The seed of an earlier run from the environment, or a new one. */
export function chooseSeed(): number {
  const given = process.env[SEED_VARIABLE];
  return given === undefined || given === "" ? Math.floor(Math.random() * 2 ** 31) : Number(given);
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same members in an order by chance. */
export function shuffled<T>(random: Random, members: readonly T[]): T[] {
  return members
    .map((member) => ({ member, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ member }) => member);
}
