import pg from "pg";
import type { BusLog } from "../bus.ts";
import { WakeUp } from "../wake-up.ts";
import type { Connections } from "./connections.ts";

const CHANNEL = "kassa_bus";
const LISTEN = `listen ${CHANNEL}`;
const NOTIFY = { text: `select pg_notify('${CHANNEL}', '')` };
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const CHECK_MS = 60_000;

/** Keeps one connection that listens for wake-ups; when it breaks, polling carries on until it is back. */
export class Listener {
  readonly #connection: pg.ClientConfig;
  readonly #onWake: () => void;
  readonly #log: BusLog;
  readonly #closing = new WakeUp();
  readonly #running: Promise<void>;
  #session: WakeUp | undefined;
  #closed = false;

  constructor(connection: pg.ClientConfig, onWake: () => void, log: BusLog) {
    // It is idle for hours by design; the keep-alive of TCP notices a dead server.
    const { statement_timeout: _, query_timeout: __, ...patient } = connection;
    this.#connection = patient;
    this.#onWake = onWake;
    this.#log = log;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.wake();
    this.#session?.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; ) {
      const listened = await this.#listenOnce();
      retryMs = listened ? FIRST_RETRY_MS : Math.min(MAX_RETRY_MS, retryMs * 2);
      if (!this.#closed) await this.#closing.sleep(retryMs);
    }
  }

  /** Listens until the connection breaks. False when it could not be made. */
  async #listenOnce(): Promise<boolean> {
    const client = new pg.Client(this.#connection);
    const session = new WakeUp();
    this.#session = session;
    let lost = false;
    const onLost = () => {
      lost = true;
      session.wake();
    };
    client.on("error", onLost).on("end", onLost).on("notification", this.#onWake);
    try {
      await client.connect();
      await client.query(LISTEN);
      this.#onWake();
      while (!lost && !this.#closed) await session.sleep(CHECK_MS);
      if (!this.#closed) this.#log("warn", "the bus lost its wake-ups and polls until they are back", {});
      return true;
    } catch (error) {
      this.#log("debug", "the bus cannot listen", { error: error instanceof Error ? error.message : String(error) });
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/**
 * Wakes the readers of other processes: an empty message, outside of the transaction that publishes, at most one every
 * `notifyMs`, because PostgreSQL lets only one transaction with a NOTIFY commit at a time.
 */
export class Notifier {
  readonly #connections: Connections;
  readonly #notifyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #again = false;

  constructor(connections: Connections, notifyMs: number) {
    this.#connections = connections;
    this.#notifyMs = notifyMs;
  }

  notify(): void {
    if (this.#timer) {
      this.#again = true;
      return;
    }
    this.#timer = setTimeout(() => this.#rest(), this.#notifyMs);
    // Lost wake-ups cost one poll interval and nothing else.
    this.#connections.consume(NOTIFY, []).catch(() => undefined);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    this.#timer = undefined;
    if (!this.#again) return;
    this.#again = false;
    this.notify();
  }
}
