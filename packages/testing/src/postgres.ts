import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { POSTGRES_URL_VARIABLE, startTestCluster } from "./test-cluster.ts";

export type TestPostgres = {
  /** As the superuser, to that database. */
  connectionString(database: string): string;
};

export type DatabaseTemplate = {
  /** One template a key. It has to change with what `prepare` does: see templateKey. */
  readonly name: string;
  /** Fills the template; has to close its connections. Called once a server, whatever the number of test files. */
  prepare(connectionString: string): Promise<void>;
};

export type TestDatabase = {
  readonly name: string;
  readonly connectionString: string;
  /** Disconnects everybody and drops it. Optional: a run's server goes with all its databases. */
  drop(): Promise<void>;
};

const TEMPLATE_PREFIX = "kassa_template_";
const DATABASE_PREFIX = "kassa_test_";
/** Databases of a killed run on a server that lives on. */
const LEFTOVER_AFTER_MS = 3_600_000;

let server: Promise<TestPostgres> | undefined;
let databasesMade = 0;

/** The server for the tests of this process. The first call starts it, or connects to the one that is given. */
export function testPostgres(): Promise<TestPostgres> {
  server ??= openServer();
  return server;
}

/** A database of its own for a test file: empty, or a clone of the template. Takes about 30 ms. */
export async function createTestDatabase(options: { template?: DatabaseTemplate } = {}): Promise<TestDatabase> {
  const postgres = await testPostgres();
  const template = options.template === undefined ? "template1" : await ensureTemplate(postgres, options.template);
  databasesMade += 1;
  const name = `${DATABASE_PREFIX}${Date.now().toString(36)}_${process.pid}_${databasesMade}`;
  await asAdmin(postgres, (admin) =>
    admin.query(`create database ${pg.escapeIdentifier(name)} template ${pg.escapeIdentifier(template)}`),
  );
  const drop = () => asAdmin(postgres, (admin) => dropDatabase(admin, name));
  return { name, connectionString: postgres.connectionString(name), drop };
}

/** A template's name that changes whenever a file in the folder does: `templateKey("transactions", new URL("../migrations/", import.meta.url))`. */
export function templateKey(name: string, ...folders: (string | URL)[]): string {
  const hash = createHash("sha256");
  for (const folder of folders.map((each) => (typeof each === "string" ? each : fileURLToPath(each)))) {
    for (const file of readdirSync(folder).sort())
      hash
        .update(file)
        .update("\0")
        .update(readFileSync(join(folder, file)));
  }
  return `${name}-${hash.digest("hex")}`;
}

async function openServer(): Promise<TestPostgres> {
  const given = process.env[POSTGRES_URL_VARIABLE];
  const adminUrl = given === undefined || given === "" ? (await startTestCluster()).adminUrl : given;
  const postgres: TestPostgres = {
    connectionString(database) {
      const url = new URL(adminUrl);
      url.pathname = `/${encodeURIComponent(database)}`;
      return url.href;
    },
  };
  await asAdmin(postgres, removeLeftovers);
  return postgres;
}

/** Several processes may want the same template at once: one makes it, the others wait at the lock. */
async function ensureTemplate(postgres: TestPostgres, template: DatabaseTemplate): Promise<string> {
  const name = TEMPLATE_PREFIX + createHash("sha256").update(template.name).digest("hex").slice(0, 24);
  const quoted = pg.escapeIdentifier(name);
  await asAdmin(postgres, async (admin) => {
    await admin.query("select pg_advisory_lock(hashtext($1))", [name]);
    const { rows } = await admin.query("select datistemplate as complete from pg_database where datname = $1", [name]);
    if (rows[0]?.complete === true) return;
    await dropDatabase(admin, name);
    await admin.query(`create database ${quoted}`);
    await template.prepare(postgres.connectionString(name));
    await admin.query(`alter database ${quoted} with is_template true allow_connections false`);
  });
  return name;
}

async function removeLeftovers(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    "select datname as name from pg_database where starts_with(datname, $1)",
    [DATABASE_PREFIX],
  );
  for (const { name } of rows) {
    const madeAtMs = Number.parseInt(name.slice(DATABASE_PREFIX.length), 36);
    if (Date.now() - madeAtMs > LEFTOVER_AFTER_MS) await dropDatabase(admin, name);
  }
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  await admin.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
}

/** A connection of its own each time: none stays open to keep the test process alive, and a lock ends with it. */
async function asAdmin(postgres: TestPostgres, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: postgres.connectionString("postgres") });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
