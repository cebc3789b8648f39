import { HttpConnection } from "./http-connection.ts";
import { Latencies } from "./latencies.ts";
import type { LoadJob, LoadProgress, LoadResult } from "./load-job.ts";
import { type RequestSource, requestSource } from "./request-source.ts";

const TICK_MS = 1;
/** How long answers are waited for after the last request. */
const GRACE_MS = 15_000;

/** One run of a job: sends, counts, and resolves when every answer is there. */
export class LoadRun {
  readonly #job: LoadJob;
  readonly #source: RequestSource;
  readonly #latencies = new Latencies();
  readonly #statuses = new Map<number, number>();
  readonly #idle: HttpConnection[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #connections: readonly HttpConnection[] = [];
  #sent = 0;
  #answered = 0;
  #answeredInTime = 0;
  #endAtMs = 0;
  #ratePerS = 0;
  /** Open pace: when the next request is due. */
  #nextDueAtMs = 0;

  constructor(job: LoadJob) {
    this.#job = job;
    this.#source = requestSource(job.request, job.connections);
    if (job.pace.kind === "open") this.#ratePerS = job.pace.ratePerS;
  }

  async run(): Promise<LoadResult> {
    const { port, connections, durationMs, pace } = this.#job;
    const events = {
      onAnswer: (connection: HttpConnection, status: number) => this.#take(connection, status),
      onError: (error: Error) => this.#ended.reject(error),
    };
    this.#ended.promise.catch(() => undefined);
    this.#connections = await Promise.all(
      Array.from({ length: connections }, (_, index) => HttpConnection.open(port, index, events)),
    );
    this.#nextDueAtMs = performance.now();
    this.#endAtMs = this.#nextDueAtMs + durationMs;
    this.#idle.push(...this.#connections);
    const ticker = pace.kind === "open" ? setInterval(() => this.#sendDue(), TICK_MS) : undefined;
    if (pace.kind === "closed")
      for (const connection of this.#idle.splice(0)) this.#send(connection, performance.now());
    const closing = setTimeout(() => this.#endWhenAnswered(), durationMs);
    const lateness = setTimeout(
      () => this.#ended.reject(new Error(`${this.#sent - this.#answered} answers never came`)),
      durationMs + GRACE_MS,
    );
    try {
      await this.#ended.promise;
    } finally {
      for (const timer of [ticker, closing, lateness]) clearTimeout(timer);
      for (const connection of this.#connections) connection.close();
    }
    return this.#result();
  }

  setRate(ratePerS: number): void {
    this.#ratePerS = ratePerS;
  }

  get progress(): LoadProgress {
    return { sent: this.#sent, answered: this.#answered, waiting: this.#waiting };
  }

  get #waiting(): number {
    if (this.#ratePerS === 0) return 0;
    const until = Math.min(performance.now(), this.#endAtMs);
    return Math.max(0, Math.floor(((until - this.#nextDueAtMs) * this.#ratePerS) / 1000));
  }

  #send(connection: HttpConnection, dueAtMs: number): void {
    connection.dueAtMs = dueAtMs;
    this.#sent += 1;
    connection.send(this.#source(connection.index));
  }

  #sendDue(): void {
    const nowMs = Math.min(performance.now(), this.#endAtMs);
    while (this.#nextDueAtMs < nowMs) {
      // In turn: one that idles for a minute would be closed by the server, as it should be.
      const connection = this.#idle.shift();
      if (connection === undefined) return;
      this.#send(connection, this.#nextDueAtMs);
      this.#nextDueAtMs += 1000 / this.#ratePerS;
    }
  }

  #take(connection: HttpConnection, status: number): void {
    const nowMs = performance.now();
    this.#answered += 1;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#latencies.add(nowMs - connection.dueAtMs);
    if (nowMs < this.#endAtMs) {
      this.#answeredInTime += 1;
      if (this.#job.pace.kind === "closed") {
        this.#send(connection, nowMs);
        return;
      }
    }
    this.#idle.push(connection);
    if (this.#job.pace.kind === "open") this.#sendDue();
    if (nowMs >= this.#endAtMs) this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.#answered === this.#sent && performance.now() >= this.#endAtMs - TICK_MS) this.#ended.resolve();
  }

  #result(): LoadResult {
    return {
      perS: (this.#answeredInTime * 1000) / this.#job.durationMs,
      sent: this.#sent,
      statuses: Object.fromEntries([...this.#statuses].map(([status, count]) => [String(status), count])),
      latencyMs: {
        p50: this.#latencies.percentile(0.5),
        p99: this.#latencies.percentile(0.99),
        max: this.#latencies.maxMs,
      },
      unsent: this.#waiting,
    };
  }
}
