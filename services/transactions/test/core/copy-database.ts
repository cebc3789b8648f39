import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestDatabase } from "@kassa/testing/postgres";
import { POSTGRES_BIN_VARIABLE } from "@kassa/testing/test-cluster";
import pg from "pg";

/**
 * The database as a dump restored elsewhere leaves it: every row and every sequence, and transaction ids that begin anew.
 * With pg_dump and psql where they are as new as the server; the embedded PostgreSQL has none, there table by table.
 * @param to a database with the same schema and nothing in it
 */
export async function copyDatabase(from: TestDatabase, to: TestDatabase): Promise<TestDatabase> {
  const server = Number((await ask(from, "show server_version_num"))[0]?.server_version_num);
  const programs = findPrograms(Math.floor(server / 10_000));
  if (programs === undefined) await copyTables(from, to);
  else await dumpAndRestore(programs, from, to);
  return to;
}

type Programs = { readonly dump: string; readonly restore: string };

function findPrograms(serverMajor: number): Programs | undefined {
  const folder = process.env[POSTGRES_BIN_VARIABLE];
  for (const prefix of folder === undefined || folder === "" ? [""] : [folder, ""]) {
    const programs = { dump: join(prefix, "pg_dump"), restore: join(prefix, "psql") };
    const version = spawnSync(programs.dump, ["--version"], { encoding: "utf8" }).stdout ?? "";
    if (Number(/(\d+)\.\d+/.exec(version)?.[1]) >= serverMajor) return programs;
  }
  return undefined;
}

async function dumpAndRestore({ dump, restore }: Programs, from: TestDatabase, to: TestDatabase): Promise<void> {
  await ask(to, "drop schema public cascade");
  const dumped = spawnSync(dump, ["--dbname", from.connectionString], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (dumped.status !== 0) throw new Error(`pg_dump: ${dumped.stderr}`);
  await ask(to, "create schema public");
  const quiet = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"];
  const args = [...quiet, "--dbname", to.connectionString];
  const restored = spawnSync(restore, args, { input: dumped.stdout, encoding: "utf8" });
  if (restored.status !== 0) throw new Error(`psql: ${restored.stderr}`);
}

const TABLES = `
  select relname as name from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`;
const SEQUENCES =
  "select sequencename as name, last_value::text as last from pg_sequences where last_value is not null";

async function copyTables(from: TestDatabase, to: TestDatabase): Promise<void> {
  const source = new pg.Client({ connectionString: from.connectionString });
  const target = new pg.Client({ connectionString: to.connectionString });
  await Promise.all([source.connect(), target.connect()]);
  await source.query("begin isolation level repeatable read");
  // As a restore does: rows come in any order, so foreign keys wait.
  await target.query("begin; set local session_replication_role = replica");
  for (const { name } of (await source.query(TABLES)).rows) {
    const table = pg.escapeIdentifier(name);
    const { rows } = await source.query(`select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text as rows from ${table} t`);
    await target.query(`delete from ${table}`);
    await target.query(
      `insert into ${table} overriding system value select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [rows[0].rows],
    );
  }
  for (const { name, last } of (await source.query(SEQUENCES)).rows) {
    await target.query("select setval($1::regclass, $2)", [pg.escapeIdentifier(name), last]);
  }
  await target.query("commit");
  await Promise.all([source.end(), target.end()]);
}

async function ask(database: TestDatabase, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
