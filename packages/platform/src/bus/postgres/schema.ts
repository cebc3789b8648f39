import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { asBusError, boundedConnection } from "./connections.ts";
import { type PostgresBusSettings, postgresBusDefaults } from "./options.ts";

const MIGRATION_MS = 60_000;
const MIGRATIONS = join(import.meta.dirname, "migrations");
/**
 * One at a time in the whole database; the number has no other meaning. Taken before the transaction begins, which then
 * sees what the one before has created (waiting for an advisory lock does not refresh the catalogue).
 */
const LOCK = "select pg_advisory_lock(5126730158260001)";
const HAS_VERSIONS = "select to_regclass('bus.versions') is not null as present";
const CREATE_VERSIONS =
  "create schema if not exists bus; create table bus.versions (version int primary key, name text not null, at timestamptz not null default now())";
const READ_VERSION = "select coalesce(max(version), 0) as version from bus.versions";
const WRITE_VERSION = "insert into bus.versions (version, name) values ($1, $2)";

/** Brings the schema `bus` of a database up to date, for a bus that does not by itself (`migrate: false`). @returns the schema's name */
export async function migratePostgresBus(connectionString: string): Promise<string> {
  await migrateBusSchema({ connectionString }, postgresBusDefaults);
  return "bus";
}

/** Brings the schema `bus` up to date, forward only. Safe when several processes start at once. */
export async function migrateBusSchema(connection: pg.ClientConfig, settings: PostgresBusSettings): Promise<void> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith(".sql")).sort();
  // The others wait here until the first one is done.
  const patient = { lock_timeout: MIGRATION_MS, statement_timeout: MIGRATION_MS, query_timeout: MIGRATION_MS };
  const client = new pg.Client({ ...boundedConnection(connection, settings), ...patient });
  client.on("error", () => undefined);
  try {
    await client.connect();
    if ((await currentVersion(client)) >= files.length) return;
    await client.query(LOCK);
    await client.query("begin");
    await applyMissing(client, files);
    await client.query("commit");
  } catch (error) {
    throw asBusError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function currentVersion(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ present: boolean }>(HAS_VERSIONS);
  if (!rows[0]?.present) return 0;
  const found = await client.query<{ version: number }>(READ_VERSION);
  return found.rows[0]?.version ?? 0;
}

async function applyMissing(client: pg.Client, files: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ present: boolean }>(HAS_VERSIONS);
  if (!rows[0]?.present) await client.query(CREATE_VERSIONS);
  const version = await currentVersion(client);
  for (const [index, file] of files.entries()) {
    if (index < version) continue;
    await client.query(await readFile(join(MIGRATIONS, file), "utf8"));
    await client.query(WRITE_VERSION, [index + 1, file]);
  }
}
