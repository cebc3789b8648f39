import { createPool, inTransaction, type Pool, type PoolClient, sqlState } from "@kassa/platform/postgres";
import { EventsCheck } from "./checks/events.ts";
import { arrayParameters, projectedTables, projectionValues } from "./projected-tables.ts";
import type { Fault } from "./proof.ts";
import { readAllStreams } from "./read-streams.ts";
import {
  COMPARE_TABLES,
  DIGESTS,
  FILL_LEDGER,
  FILL_TABLE,
  LOCK_TABLES,
  PREPARE_SCHEMA,
  REPLACE_TABLES,
  type ReplayedTable,
  replayedTables,
} from "./replay-sql.ts";
import { snapshotOf } from "./snapshot.ts";

/** A row that is not, byte for byte, what the sources give; null where there is none. */
export type RowDifference = { readonly key: string; readonly live: string | null; readonly rebuilt: string | null };

export type TableReplay = {
  readonly table: ReplayedTable;
  readonly identical: boolean;
  readonly live_rows: number;
  readonly rebuilt_rows: number;
  /** Over the text of all rows, whatever their order: two tables with the same rows have the same digest. */
  readonly live_digest: string;
  readonly rebuilt_digest: string;
  readonly differences_total: number;
  /** The first of them, by key; at most 20. */
  readonly differences: readonly RowDifference[];
};

export type Replay = {
  readonly identical: boolean;
  /** True when the live tables were replaced. */
  readonly applied: boolean;
  readonly events: number;
  readonly tables: readonly TableReplay[];
  /** Streams that add up to nothing; with one of them nothing is ever applied. At most 100. */
  readonly broken: readonly Fault[];
  readonly summary: string;
};

export type ReplayOptions = {
  /** Directly to PostgreSQL, with the rights to create a schema and, to apply, to truncate the tables. */
  readonly connectionString: string;
  /** Puts what was rebuilt in the place of the live rows. The product must be stopped. Default false. */
  readonly apply?: boolean | undefined;
};

/** The product, or something else, is using the tables that `apply` would replace. */
export class ProductRunning extends Error {
  override readonly name = "ProductRunning";
}

const LOCK_NOT_AVAILABLE = "55P03";
const RELAY_LOCK = 7_264_002;
const RUNNING = `
  select count(*) as sessions from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()
    and (application_name like 'kassa-%' and application_name not in ('kassa-prove', 'kassa-replay', 'kassa-trace') or pid in (
      select pid from pg_locks where locktype = 'advisory' and objid = ${RELAY_LOCK}
    ))`;

const PATIENCE = `
  select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true),
    set_config('work_mem', '64MB', true), set_config('TimeZone', 'UTC', true)`;

/**
 * Rebuilds every projection from its source into empty tables, with the code that the service writes them with, and compares
 * the text of every row with the live ones. Sees one instant, so it may run beside the product; reads in bounded memory and
 * leaves nothing behind. With `apply` the live rows are replaced, in the same transaction.
 * @throws ProductRunning when it was to apply and the product has connections to the database
 */
export async function replayProjections({ connectionString, apply = false }: ReplayOptions): Promise<Replay> {
  const pool = createPool({ connectionString, applicationName: "kassa-replay", max: 1 });
  try {
    return await replay(pool, apply);
  } finally {
    await pool.end();
  }
}

/** Undoes the transaction without being an error of anybody. */
class Undo extends Error {
  readonly result: Replay;

  constructor(result: Replay) {
    super("only compared");
    this.result = result;
  }
}

async function replay(pool: Pool, apply: boolean): Promise<Replay> {
  try {
    return await inTransaction(pool, async (client) => {
      await client.query("set transaction isolation level repeatable read");
      await client.query(PATIENCE);
      if (apply) await refuseWhileRunning(client);
      await client.query(PREPARE_SCHEMA);
      const { events, broken } = await rebuild(client);
      await client.query(FILL_LEDGER);
      const { rows: digests } = await client.query<Digest>(DIGESTS);
      const tables: TableReplay[] = [];
      for (const table of replayedTables) tables.push(await compare(client, table, digests));
      const applied = apply && broken.length === 0;
      const result = resultOf(events, broken, tables, applied);
      if (!applied) throw new Undo(result);
      await client.query(REPLACE_TABLES);
      return result;
    });
  } catch (error) {
    if (error instanceof Undo) return error.result;
    throw error;
  }
}

// Locked before the snapshot is taken, so that nothing can be written that it does not see.
async function refuseWhileRunning(client: PoolClient): Promise<void> {
  const refusal = "the product is using this database: stop it before its projections are replaced";
  try {
    await client.query(LOCK_TABLES);
  } catch (error) {
    throw sqlState(error) === LOCK_NOT_AVAILABLE ? new ProductRunning(refusal, { cause: error }) : error;
  }
  const { rows } = await client.query<{ sessions: bigint }>(RUNNING);
  if (rows[0]?.sessions !== 0n) throw new ProductRunning(refusal);
}

async function rebuild(client: PoolClient): Promise<{ events: number; broken: readonly Fault[] }> {
  const check = new EventsCheck();
  for await (const streams of readAllStreams(snapshotOf(client, false))) {
    const values = projectionValues(check.sift(streams).map(({ payment }) => payment));
    for (const table of projectedTables) {
      if ((values[table][0]?.length ?? 0) > 0) await client.query(FILL_TABLE[table], arrayParameters(values[table]));
    }
  }
  const { compared, faults } = check.end();
  return { events: compared, broken: faults };
}

type Digest = { name: ReplayedTable; side: "live" | "rebuilt"; rows: bigint; digest: string | null };

async function compare(client: PoolClient, table: ReplayedTable, digests: readonly Digest[]): Promise<TableReplay> {
  const digestOf = (wanted: Digest["side"]) => digests.find(({ name, side }) => name === table && side === wanted);
  const [live, rebuilt] = [digestOf("live"), digestOf("rebuilt")];
  const { rows } = await client.query<RowDifference & { total: bigint }>(COMPARE_TABLES[table]);
  return {
    table,
    identical: rows.length === 0 && live?.digest === rebuilt?.digest,
    live_rows: Number(live?.rows),
    rebuilt_rows: Number(rebuilt?.rows),
    live_digest: live?.digest ?? "0",
    rebuilt_digest: rebuilt?.digest ?? "0",
    differences_total: Number(rows[0]?.total ?? 0n),
    differences: rows.map((row) => ({ key: row.key, live: row.live, rebuilt: row.rebuilt })),
  };
}

function resultOf(events: number, broken: readonly Fault[], tables: readonly TableReplay[], applied: boolean): Replay {
  const different = tables.filter(({ identical }) => !identical);
  const identical = different.length === 0 && broken.length === 0;
  const rows = tables.reduce((sum, { rebuilt_rows }) => sum + rebuilt_rows, 0);
  const names = [...different.map(({ table }) => table), ...(broken.length === 0 ? [] : ["broken streams"])];
  const verdict = identical ? "byte for byte identical" : `different: ${names.join(", ")}`;
  const replaced = applied ? "; the live tables were replaced" : "";
  const summary = `${events} events replayed into ${rows} rows: ${verdict}${replaced}.`;
  return { identical, applied, events, tables, broken, summary };
}
