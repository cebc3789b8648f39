import { Latencies, type Percentiles } from "./latencies.ts";

/** Ids that a report lists; it goes on counting. */
const MAX_LISTED = 100;

export type TrafficReport = {
  readonly seed: number;
  readonly seconds: number;
  /** Payments whose time had come. */
  readonly arrivals: number;
  /** Among them those that were not sent: too many were under way. */
  readonly not_sent: number;
  /** Payments answered with 202. */
  readonly accepted: number;
  /** Requests sent again because no final answer had come. */
  readonly retried: number;
  /** Requests that never got a final answer. */
  readonly unanswered: number;
  /** Repetitions with the same key that named another payment: always 0, or something is very wrong. */
  readonly doubled: number;
  /** Final answers to POSTs, by status and code. */
  readonly answers: Readonly<Record<string, number>>;
  readonly payments: Readonly<Record<string, number>>;
  readonly refunds: Readonly<Record<string, number>>;
  readonly open_total: number;
  /** Payments and refunds without an outcome so far. */
  readonly open: readonly string[];
  /** Milliseconds from the moment at which a payment was due, not from when it was sent. */
  readonly latency_ms: { readonly accept: Percentiles; readonly outcome: Percentiles };
};

const FINAL: ReadonlySet<string> = new Set(["completed", "failed", "canceled", "authorized", "succeeded"]);

/** Counts what becomes of the payments; remembers only those without an outcome. */
export class Tally {
  arrivals = 0;
  notSent = 0;
  accepted = 0;
  doubled = 0;
  readonly accept = new Latencies();
  readonly outcome = new Latencies();
  readonly #counts = new Map<string, number>();
  readonly #open = new Map<string, string>();
  readonly #final = new Map<string, number>();

  readonly count = (what: string): void => add(this.#counts, what);

  /** The newest status of a payment or refund, by its public id. An authorization counts as final while nobody goes on with it. */
  see(id: string, status: string, goesOn = false): void {
    if (FINAL.has(status) && !goesOn) {
      this.#open.delete(id);
      add(this.#final, `${kindOf(id)} ${status}`);
    } else this.#open.set(id, status);
  }

  /** The ids without an outcome. */
  open(): string[] {
    return [...this.#open.keys()];
  }

  report(seed: number, seconds: number): TrafficReport {
    const { retried = 0, unanswered = 0, ...answers } = Object.fromEntries(this.#counts);
    const statuses = new Map(this.#final);
    for (const [id, status] of this.#open) add(statuses, `${kindOf(id)} ${status}`);
    return {
      seed,
      seconds: Math.round(seconds * 10) / 10,
      arrivals: this.arrivals,
      not_sent: this.notSent,
      accepted: this.accepted,
      retried,
      unanswered,
      doubled: this.doubled,
      answers,
      payments: statusesOf(statuses, "payment"),
      refunds: statusesOf(statuses, "refund"),
      open_total: this.#open.size,
      open: this.open().slice(0, MAX_LISTED),
      latency_ms: { accept: this.accept.percentiles(), outcome: this.outcome.percentiles() },
    };
  }
}

function add(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function kindOf(id: string): "payment" | "refund" {
  return id.startsWith("re_") ? "refund" : "payment";
}

function statusesOf(statuses: ReadonlyMap<string, number>, kind: string): Record<string, number> {
  return Object.fromEntries(
    [...statuses]
      .filter(([name]) => name.startsWith(kind))
      .map(([name, count]) => [name.slice(kind.length + 1), count]),
  );
}
