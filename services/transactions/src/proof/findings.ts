import { type Check, type CheckName, type Fault, MAX_FAULTS } from "./proof.ts";

/** What one check has compared and found so far: it keeps the first faults and counts all. */
export class Findings {
  readonly #name: CheckName;
  readonly #faults: Fault[] = [];
  #faultsTotal = 0;
  #compared = 0;

  constructor(name: CheckName) {
    this.#name = name;
  }

  compare(count: number | bigint): void {
    this.#compared += Number(count);
  }

  add(what: string, id: string, expected: unknown, found: unknown): void {
    this.#faultsTotal += 1;
    if (this.#faults.length < MAX_FAULTS)
      this.#faults.push({ what, id, expected: textOf(expected), found: textOf(found) });
  }

  /** Counts what a statement with a limit found beyond the rows that it returned. */
  addUnseen(rows: readonly { readonly total: bigint }[]): void {
    const [first] = rows;
    if (first !== undefined) this.#faultsTotal += Number(first.total) - rows.length;
  }

  check(): Check {
    return {
      name: this.#name,
      ok: this.#faultsTotal === 0,
      compared: this.#compared,
      faults_total: this.#faultsTotal,
      faults: this.#faults,
    };
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? part.toString() : part));
}
