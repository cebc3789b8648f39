import pg from "pg";

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export type PoolOptions = {
  readonly connectionString: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Connections at most. Pool sizes times the most pods stay below `max_connections`. */
  readonly max: number;
  /** Milliseconds; how long one statement may run. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds; how long a statement may wait for a lock. Default 5,000. */
  readonly lockTimeoutMs?: number;
  /** Milliseconds; after which a transaction that does nothing is ended. Default 10,000. */
  readonly idleInTransactionTimeoutMs?: number;
  /** Milliseconds; how long to wait for a free or new connection. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Told of errors on idle connections, such as a server that went away. The pool goes on by itself. */
  readonly onError?: (error: Error) => void;
};

const INT8 = 20;
const typeParsers = new Map<number, (text: string) => unknown>([[INT8, BigInt]]);

/** A pool whose every connection is bounded in time and reads int8 as bigint. */
export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    max: options.max,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: options.statementTimeoutMs ?? 10_000,
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
    types: {
      getTypeParser: ((oid: number, format?: "text" | "binary") =>
        typeParsers.get(oid) ?? pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
    },
  });
  // A server that dies tells a connection twice: the query gets the first error, and nobody would hear the second.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("error", options.onError ?? (() => {}));
  return pool;
}
