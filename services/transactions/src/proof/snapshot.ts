import type { Pool, PoolClient } from "@kassa/platform/postgres";

/** Rows that a cursor fetches at once: what bounds the memory, whatever the size of the tables. */
const PAGE_ROWS = 5_000;

// A proof of large tables may take long: the pool's time-outs, made for requests, do not apply to it.
const PATIENCE = `
  select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true),
    set_config('work_mem', '64MB', true), set_config('jit', 'off', true), set_config('TimeZone', 'UTC', true)`;

/** What one connection sees of the database: the state of one instant, whatever others commit meanwhile. */
export type Snapshot = {
  // biome-ignore lint/suspicious/noExplicitAny: the caller knows the columns of its statement
  rows<Row = any>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The statement's rows, page by page, in bounded memory. One at a time on a snapshot. */
  pages<Row>(text: string, pageRows?: number): AsyncGenerator<Row[]>;
};

/**
 * Runs `work` with two connections that see the same instant: one reads ahead while the other compares. `temporaryTable`
 * is a statement that makes a table on the second one, for what has to be joined; all is gone afterwards.
 */
export async function onSnapshot<T>(
  pool: Pool,
  temporaryTable: string | undefined,
  work: (reader: Snapshot, comparer: Snapshot) => Promise<T>,
): Promise<T> {
  return inReadOnly(pool, "begin isolation level repeatable read", async (reader) => {
    const { rows } = await reader.query<{ id: string }>("select pg_export_snapshot() as id");
    await reader.query("set transaction read only");
    await reader.query(PATIENCE);
    return inReadOnly(pool, "begin isolation level repeatable read", async (comparer) => {
      await comparer.query(`set transaction snapshot '${rows[0]?.id}'`);
      if (temporaryTable !== undefined) await comparer.query(temporaryTable);
      await comparer.query("set transaction read only");
      await comparer.query(PATIENCE);
      return work(snapshotOf(reader), snapshotOf(comparer));
    });
  });
}

/**
 * The snapshot of a transaction that is open on the client. It reads ahead unless the caller works with the same client
 * between two pages.
 */
export function snapshotOf(client: PoolClient, readsAhead = true): Snapshot {
  return {
    async rows(text, values = []) {
      return (await client.query(text, [...values])).rows;
    },
    pages: (text, pageRows = PAGE_ROWS) => pagesOf(client, text, pageRows, readsAhead),
  };
}

async function* pagesOf<Row>(
  client: PoolClient,
  text: string,
  pageRows: number,
  readsAhead: boolean,
): AsyncGenerator<Row[]> {
  await client.query(`declare pages no scroll cursor for ${text}`);
  const fetchPage = async () => (await client.query(`fetch ${pageRows} from pages`)).rows as Row[];
  let ahead: ReturnType<typeof settled<Row>> | undefined;
  try {
    for (;;) {
      const page = await (ahead ?? settled(fetchPage()));
      if ("error" in page) throw page.error;
      if (page.rows.length === 0) return;
      ahead = readsAhead ? settled(fetchPage()) : undefined;
      yield page.rows;
    }
  } finally {
    await ahead;
    await client.query("close pages").catch(() => {}); // after an error the transaction is over anyway
  }
}

// A page nobody came to take must not end the process as an unhandled rejection.
function settled<Row>(page: Promise<Row[]>): Promise<{ rows: Row[] } | { error: unknown }> {
  return page.then(
    (rows) => ({ rows }),
    (error) => ({ error }),
  );
}

async function inReadOnly<T>(pool: Pool, begin: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    return await work(client);
  } finally {
    await client.query("rollback").catch((failure: Error) => {
      broken = failure;
    });
    client.release(broken);
  }
}
