import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  destroyEmbeddedPostgres,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from "@kassa/platform/embedded-postgres";
import pg from "pg";

export type BenchDatabase = AsyncDisposable & {
  readonly postgres: EmbeddedPostgres;
  /** Logs of all processes; it goes with the data. */
  readonly folder: string;
};

const DURABLE = ["fsync", "synchronous_commit", "full_page_writes"] as const;

/** The product's own PostgreSQL on a new folder, as durable as in production: that is asserted. */
export async function startDatabase(dir: string | undefined): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(dir ?? tmpdir(), "kassa-bench-"));
  chmodSync(folder, 0o755); // as root the server runs as another user, who has to come through
  const dataDir = join(folder, "postgres");
  const destroy = () => {
    destroyEmbeddedPostgres(dataDir);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", destroy);
  const postgres = await startEmbeddedPostgres({ dataDir, supervise: false });
  await assertDurable(postgres.connectionString("postgres"));
  return {
    postgres,
    folder,
    async [Symbol.asyncDispose]() {
      await postgres.stop();
      process.off("exit", destroy);
      destroy();
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function queryOnce<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function assertDurable(url: string): Promise<void> {
  for (const name of DURABLE) {
    const [row] = await queryOnce<Record<string, string>>(url, `show ${name}`);
    if (row?.[name] !== "on") throw new Error(`PostgreSQL runs with ${name} = ${row?.[name]}: no figure would count`);
  }
}
