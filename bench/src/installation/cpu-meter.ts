import { cpuSeconds, cpuSecondsOfFamily } from "./process-figures.ts";

export type Watched = { readonly name: string; readonly pid: number };

/** Tells how much CPU each part has used between two moments. */
export class CpuMeter {
  readonly #parts: readonly Watched[];
  readonly #postmaster: number;
  #before: ReadonlyMap<string, number>;

  /** `postmaster` counts with all its children, under the name postgres. */
  constructor(parts: readonly Watched[], postmaster: number) {
    this.#parts = parts;
    this.#postmaster = postmaster;
    this.#before = this.#read();
  }

  restart(): void {
    this.#before = this.#read();
  }

  /** CPU seconds of each part since the start or the last restart. */
  used(): ReadonlyMap<string, number> {
    return new Map([...this.#read()].map(([name, seconds]) => [name, seconds - (this.#before.get(name) ?? 0)]));
  }

  #read(): ReadonlyMap<string, number> {
    const own = this.#parts.map(({ name, pid }) => [name, cpuSeconds(pid)] as const);
    return new Map([...own, ["postgres", cpuSecondsOfFamily(this.#postmaster)] as const]);
  }
}
