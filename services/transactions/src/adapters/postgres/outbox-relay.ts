import { setTimeout as sleep } from "node:timers/promises";
import { PAYMENT_EVENT_SCHEMA_VERSION, type PaymentEventMessage } from "@kassa/contracts/payment-events";
import { topics } from "@kassa/contracts/topics";
import type { Bus, Outgoing, Publisher } from "@kassa/platform/bus";
import type { Logger } from "@kassa/platform/log";
import { counter, gauge } from "@kassa/platform/metrics";
import type { Component } from "@kassa/platform/runtime";
import pg from "pg";

export type OutboxRelayOptions = {
  /** A direct connection: an advisory lock is a session's, a pooler would hand it on. */
  readonly connectionString: string;
  readonly bus: Bus;
  readonly log: Logger;
  readonly maxBatch: number;
  readonly pollMs: number;
};

const ADVISORY_LOCK = 7_264_002;
const RETRY_MS = 500;
const STANDBY_MS = 1_000;
const STATS_EVERY_MS = 5_000;
/** A leader whose machine has gone without a word loses the lock within 30 s; PostgreSQL's default is two hours. */
const KEEP_ALIVE = "set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

const READ = `
  select o.position, o.merchant_id, o.stream_id, o.to_version, o.from_version, o.command, o.traceparent,
    e.version, e.type, e.data, e.occurred_at
  from (select * from outbox order by position limit $1) o
  left join events e on e.stream_id = o.stream_id and e.version between o.from_version and o.to_version
  order by o.position, e.version`;
const DELETE = `
  with gone as (delete from outbox where position = any ($1::bigint[]) returning from_version, to_version)
  update outbox_progress set versions_published = versions_published + coalesce(
    (select sum(to_version - from_version + 1) from gone where from_version > 0), 0)`;
const STATS = "select count(*) as waiting, extract(epoch from now() - min(created_at)) as age_s from outbox";

const published = counter("kassa_outbox_published_total", "Messages that the relay published", ["topic"]);
const waiting = gauge("kassa_outbox_waiting_rows", "Rows in the outbox");
const oldest = gauge("kassa_outbox_oldest_age_seconds", "Age of the oldest row in the outbox");
const leading = gauge("kassa_outbox_relay_leading", "1 while this process is the relay");

/**
 * Publishes the outbox in the order of its positions, one relay at a time. It always reads from the lowest position, so
 * a row that commits late is neither skipped nor overtaken within its stream: version n+1 is written after n has
 * committed, hence behind it. Rows are deleted once published; a crash in between publishes them again.
 */
export class OutboxRelay implements Component {
  readonly name = "outbox relay";
  readonly #options: OutboxRelayOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async finish(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#lead();
      } catch (error) {
        this.#options.log.warn({ err: error }, "relay interrupted; trying again");
      }
      leading.set(0);
      await this.#pause(RETRY_MS);
    }
  }

  // The lock and every statement share one connection: who loses the connection loses the lock and stops.
  async #lead(): Promise<void> {
    const { connectionString, bus } = this.#options;
    const client = new pg.Client({
      connectionString,
      application_name: "kassa-relay",
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      keepAlive: true,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query(KEEP_ALIVE);
      if (!(await this.#acquire(client))) return;
      const publisher = await bus.publisher("transactions.outbox");
      try {
        leading.set(1);
        await this.#relay(client, publisher);
      } finally {
        await publisher.close().catch(() => {});
      }
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #acquire(client: pg.Client): Promise<boolean> {
    while (!this.#stop.signal.aborted) {
      const { rows } = await client.query("select pg_try_advisory_lock($1) as locked", [ADVISORY_LOCK]);
      if (rows[0].locked) return true;
      await this.#pause(STANDBY_MS);
    }
    return false;
  }

  async #relay(client: pg.Client, publisher: Publisher): Promise<void> {
    const { maxBatch, pollMs } = this.#options;
    let statsAt = 0;
    while (!this.#stop.signal.aborted) {
      const size = await relayBatch(client, publisher, maxBatch);
      if (performance.now() >= statsAt) {
        statsAt = performance.now() + STATS_EVERY_MS;
        await reportStats(client);
      }
      if (size === 0) await this.#pause(pollMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

/** Publishes and deletes the lowest rows of the outbox; returns how many. Exported for the tests of its order. */
export async function relayBatch(client: pg.Client, publisher: Publisher, maxBatch: number): Promise<number> {
  const { rows } = await client.query<OutboxRow>({ name: "read_outbox", text: READ, values: [maxBatch] });
  if (rows.length === 0) return 0;
  const messages = messagesOf(rows);
  await publisher.publishAll(messages);
  const positions = [...new Set(rows.map(({ position }) => position))];
  await client.query({ name: "delete_outbox", text: DELETE, values: [positions] });
  for (const { topic } of messages) published.inc({ topic });
  return positions.length;
}

type OutboxRow = {
  readonly position: string;
  readonly merchant_id: string;
  readonly stream_id: string;
  readonly from_version: number;
  readonly to_version: number;
  readonly command: string | null;
  readonly traceparent: string | null;
  readonly version: number | null;
  readonly type: string;
  readonly data: unknown;
  readonly occurred_at: Date;
};

function messagesOf(rows: readonly OutboxRow[]): Outgoing[] {
  const messages: Outgoing[] = [];
  for (const row of rows) {
    const headers: Record<string, string> = row.traceparent === null ? {} : { traceparent: row.traceparent };
    if (row.version !== null) {
      messages.push({
        topic: topics.paymentEvents.name,
        key: row.stream_id,
        value: eventText(row, row.version),
        headers,
      });
    }
    if (row.command !== null && (row.version === null || row.version === row.to_version)) {
      messages.push({ topic: topics.paymentCommands.name, key: row.stream_id, value: row.command, headers });
    }
  }
  return messages;
}

function eventText(row: OutboxRow, version: number): string {
  const message: PaymentEventMessage = {
    event_id: `evt_${row.stream_id.replaceAll("-", "")}_${version}`,
    event_type: row.type,
    schema_version: PAYMENT_EVENT_SCHEMA_VERSION,
    occurred_at: row.occurred_at.toISOString(),
    merchant_id: row.merchant_id,
    stream_id: row.stream_id,
    version,
    data: row.data,
  };
  return JSON.stringify(message);
}

async function reportStats(client: pg.Client): Promise<void> {
  const { rows } = await client.query(STATS);
  waiting.set(Number(rows[0].waiting));
  oldest.set(Number(rows[0].age_s ?? 0));
}
