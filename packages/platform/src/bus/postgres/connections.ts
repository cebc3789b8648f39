import pg from "pg";
import type { BusLog } from "../bus.ts";
import { BusUnavailable } from "../bus-unavailable.ts";
import type { PostgresBusSettings } from "./options.ts";

export type Statement = { readonly name?: string; readonly text: string };
export type Rows = readonly (readonly unknown[])[];

/** Two bounded pools. They heal by themselves: a connection that fails is thrown away, the next query opens another. */
export class Connections {
  readonly #publishing: pg.Pool;
  readonly #consuming: pg.Pool;

  constructor(connection: pg.ClientConfig, settings: PostgresBusSettings, log: BusLog) {
    const bounded = boundedConnection(connection, settings);
    this.#publishing = new pg.Pool({ ...bounded, max: settings.publishConnections });
    // What is lost with the last moments before a crash (commits of offsets, leases) is done again: at least once.
    const options = [connection.options, "-c synchronous_commit=off"].filter(Boolean).join(" ");
    this.#consuming = new pg.Pool({ ...bounded, options, max: settings.consumeConnections });
    for (const pool of [this.#publishing, this.#consuming]) {
      // A server that dies tells a connection twice: the query gets the first error, and nobody would hear the second.
      pool.on("connect", (client) => client.on("error", () => {}));
      pool.on("error", (error) => log("warn", "a bus connection was lost", { error: error.message }));
    }
  }

  /** Durable when resolved. */
  publish(statement: Statement, values: unknown[]): Promise<Rows> {
    return query(this.#publishing, statement, values);
  }

  /** Visible when resolved, durable a moment later. */
  consume(statement: Statement, values: unknown[]): Promise<Rows> {
    return query(this.#consuming, statement, values);
  }

  async close(): Promise<void> {
    await Promise.all([this.#publishing.end(), this.#consuming.end()]);
  }
}

/** The connection with a limit on everything it may wait for. */
export function boundedConnection(connection: pg.ClientConfig, settings: PostgresBusSettings): pg.ClientConfig {
  return {
    ...connection,
    application_name: connection.application_name ?? "kassa-bus",
    keepAlive: true,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.statementTimeoutMs,
    // The server's own limit comes first; this one is for a server that no longer answers.
    query_timeout: settings.statementTimeoutMs + 1_000,
  };
}

async function query(pool: pg.Pool, statement: Statement, values: unknown[]): Promise<Rows> {
  try {
    const result = await pool.query({ ...statement, values, rowMode: "array" });
    return result.rows;
  } catch (error) {
    throw asBusError(error);
  }
}

/** Errors of SQL keep their code; everything else means that the database cannot be reached. */
export function asBusError(error: unknown): unknown {
  const code = error instanceof pg.DatabaseError ? (error.code ?? "") : undefined;
  if (code !== undefined && !PASSING.test(code)) return error;
  return new BusUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
}

/**
 * Classes of SQLSTATE that pass by themselves (PostgreSQL manual, appendix A): 08 connection, 40 rollback, 53 resources,
 * 55P03 lock not available, 57 operator intervention (shutdown, cancel), 58 system error.
 */
const PASSING = /^(08|40|53|55P03|57|58)/;
