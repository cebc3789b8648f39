import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

export type MigrateOptions = {
  readonly connectionString: string;
  /** Folder of `0001_name.sql`, … : plain SQL, forward only, each run once and in one transaction. */
  readonly folder: string;
  /** Milliseconds to wait for another pod that migrates. Default 60,000. */
  readonly lockWaitMs?: number;
};

/** A migration that cannot be applied; the sentence says which and why. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

type Migration = { readonly name: string; readonly sql: string; readonly checksum: string };

const ADVISORY_LOCK = 7_264_001;
const LOCK_POLL_MS = 50;

const CREATE_TABLE = `
  create table if not exists schema_migrations (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`;

/**
 * Brings the database to the newest schema. Safe with several pods starting at once: one migrates under an advisory lock,
 * the others wait for it. Migrations that the database has and the folder has not belong to a newer release and are left alone.
 * @returns the names applied now
 * @throws MigrationError when the wait is over, a file changed after it was applied, or a statement fails
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const migrations = await readMigrations(options.folder);
  const client = new pg.Client({ connectionString: options.connectionString, application_name: "kassa-migrate" });
  await client.connect();
  try {
    await lock(client, options.lockWaitMs ?? 60_000);
    await client.query(CREATE_TABLE);
    return await applyMissing(client, migrations);
  } finally {
    await client.end();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function lock(client: pg.Client, waitMs: number): Promise<void> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [
      ADVISORY_LOCK,
    ]);
    if (rows[0]?.locked) return;
    if (performance.now() >= giveUpAt) {
      throw new MigrationError(`another pod has been migrating this database for ${waitMs} ms; see its log`);
    }
    await sleep(LOCK_POLL_MS);
  }
}

async function applyMissing(client: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    "select name, checksum from schema_migrations",
  );
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  const done: string[] = [];
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === migration.checksum) continue;
    if (checksum !== undefined) {
      throw new MigrationError(`${migration.name} was changed after it was applied; write a new migration instead`);
    }
    await apply(client, migration);
    done.push(migration.name);
  }
  return done;
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query("begin");
    await client.query(sql);
    await client.query("insert into schema_migrations (name, checksum) values ($1, $2)", [name, checksum]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw new MigrationError(`${name}: ${(error as Error).message}`, { cause: error });
  }
}
