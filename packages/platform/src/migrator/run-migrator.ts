import { fileURLToPath } from "node:url";
import pg from "pg";
import { ConfigError, type Env, loadConfig } from "../config/index.ts";
import { createLogger } from "../log/index.ts";
import { isConnectionFailure, migrate } from "../postgres/index.ts";
import { waitUntilReached } from "../runtime/wait-until-reached.ts";
import { grantRuntimeRole } from "./grant-runtime-role.ts";
import { migratorConfig } from "./migrator-config.ts";

export type MigratorOptions = {
  /** The service whose schema it is, for the log. */
  readonly service: string;
  /** Folder of its migrations. */
  readonly folder: URL;
  /** More schemas of the same database, such as the bus's: brings one up to date and resolves with its name. */
  readonly others?: readonly ((connectionString: string) => Promise<string>)[];
};

const PUBLIC = "public";

/**
 * A migrator as a process: brings the service's database to the newest schema, lets the role that the service runs as use it, and resolves with
 * the exit code, 1 with a sentence in the log when that cannot be done. However many pods start at once, each migration runs once.
 */
export async function runMigrator(
  { service, folder, others = [] }: MigratorOptions,
  env: Env = process.env,
): Promise<0 | 1> {
  const log = createLogger({ service: `${service}-migrate`, level: env.LOG_LEVEL === "debug" ? "debug" : "info" });
  try {
    const config = loadConfig(migratorConfig, env);
    const { MIGRATION_DATABASE_URL: connectionString, MIGRATION_RUNTIME_ROLE: role, START_WAIT_MS: waitMs } = config;
    await waitUntilReached(
      {
        name: "PostgreSQL (MIGRATION_DATABASE_URL)",
        reach: () => connectOnce(connectionString),
        isAway: isConnectionFailure,
      },
      waitMs,
      log,
      new AbortController().signal,
    );
    const lockWaitMs = config.MIGRATION_LOCK_WAIT_MS;
    const applied = await migrate({ connectionString, folder: fileURLToPath(folder), lockWaitMs });
    const schemas = [PUBLIC];
    for (const other of others) schemas.push(await other(connectionString));
    if (role !== undefined) await grantRuntimeRole(connectionString, role, schemas);
    log.info({ applied, schemas, runtime_role: role }, applied.length === 0 ? "nothing to migrate" : "migrated");
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${service}-migrate: ${error.message}\n`);
    else log.fatal({ err: error }, "could not migrate");
    return 1;
  }
}

async function connectOnce(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
  } finally {
    await client.end().catch(() => {});
  }
}
