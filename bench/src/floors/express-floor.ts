import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { localUrl } from "@kassa/cli/installation/environments";
import { ensureDatabase } from "@kassa/platform/embedded-postgres";
import { freePorts } from "@kassa/testing/broker-process";
import { type BenchDatabase, queryOnce } from "../installation/database.ts";
import { Program } from "../installation/program.ts";

const MAIN = fileURLToPath(new URL("express-process.ts", import.meta.url));
const CREATE = `
  create table floor_payments (
    id uuid primary key, key text not null, amount bigint not null, currency text not null, method text not null,
    created_at timestamptz not null
  )`;

export type ExpressFloor = AsyncDisposable & {
  readonly port: number;
  readonly pid: number;
  /** How many it has stored. */
  rows(): Promise<number>;
};

/** `answer` is JSON as the product answers it; with `stores` each request is one INSERT first. */
export async function startExpressFloor(
  database: BenchDatabase,
  answer: string,
  { stores }: { readonly stores: boolean },
): Promise<ExpressFloor> {
  const [port = 0] = await freePorts(1);
  const name = stores ? "express-insert" : "express";
  const url = database.postgres.connectionString("floor");
  if (stores) {
    await ensureDatabase(database.postgres.connectionString("postgres"), "floor");
    await queryOnce(url, CREATE);
  }
  const program = await Program.start({
    name,
    main: MAIN,
    env: { PORT: String(port), ANSWER: answer, DATABASE_URL: stores ? url : undefined },
    readyUrl: `${localUrl(port)}/readyz`,
    logFile: join(database.folder, `${name}.log`),
  });
  return {
    port,
    pid: program.pid,
    rows: async () =>
      Number((await queryOnce<{ count: string }>(url, "select count(*) from floor_payments"))[0]?.count),
    [Symbol.asyncDispose]: () => program.stop(),
  };
}
