/** The port through which everything learns the time; tests inject their own. */
export type Clock = {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is told to move. For tests and the simulation. */
export class ManualClock implements Clock {
  #nowMs: number;

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Moves forward by `ms` milliseconds; a clock never goes back, so a negative step throws. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a clock cannot move by ${ms} ms`);
    this.#nowMs += ms;
  }
}
