import { execFile } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { EmbeddedPostgres } from "@kassa/platform/embedded-postgres";
import type { BenchDatabase } from "../installation/database.ts";
import { queryOnce } from "../installation/database.ts";

const CLIENTS = 16;
const DEADLOCK_TRIES = 10;
const GRACE_MS = 30_000;
/** In less its clients have hardly connected. */
const LEAST_S = 2;
const DATABASE = "pgbench_floor";
/** Debian keeps the programs of its versions there, outside PATH. */
const DEBIAN = "/usr/lib/postgresql";

const CREATE = `
  create table accounts (id bigint primary key, balance bigint not null) with (fillfactor = 50);
  create table transfers (
    id uuid primary key, debit bigint not null, credit bigint not null, amount bigint not null, at timestamptz not null
  );`;
const SEED = "insert into accounts select n, 0 from generate_series(1, $1::int) as n";

/** The lower account first, so that the floor loses no time to deadlocks. */
const ACCOUNTS: Readonly<Record<Spread, string>> = {
  uniform: `\\set a random(1, :accounts)
\\set b random(1, :accounts)
\\set low least(:a, :b)
\\set high greatest(:a, :b)
`,
  hot: `\\set low 1
\\set high random(2, :accounts)
`,
};

const STATEMENTS: Readonly<Record<Form, string>> = {
  three: `begin;
update accounts set balance = balance - 1 where id = :low;
update accounts set balance = balance + 1 where id = :high;
insert into transfers (id, debit, credit, amount, at) values (gen_random_uuid(), :low, :high, 1, now());
end;
`,
  one: `with debited as (update accounts set balance = balance - 1 where id = :low returning id),
credited as (update accounts set balance = balance + 1 where id = :high returning id)
insert into transfers (id, debit, credit, amount, at) values (gen_random_uuid(), :low, :high, 1, now());
`,
};

export type Spread = "uniform" | "hot";
/** three: a transaction of three statements; one: a single statement. */
export type Form = "three" | "one";

/** pgbench moving money with two updates and an insert, 16 clients, prepared statements. No floors, no results, no idempotency. */
export class Pgbench {
  readonly #database: BenchDatabase;
  readonly #accounts: number;
  readonly #program: string;

  private constructor(database: BenchDatabase, accounts: number, program: string) {
    this.#database = database;
    this.#accounts = accounts;
    this.#program = program;
  }

  /** @throws Error when pgbench is not installed */
  static async prepare(database: BenchDatabase, accounts: number): Promise<Pgbench> {
    const { postgres } = database;
    const program = findPgbench();
    await queryOnce(postgres.connectionString("postgres"), `create database ${DATABASE}`);
    await queryOnce(postgres.connectionString(DATABASE), CREATE);
    await queryOnce(postgres.connectionString(DATABASE), SEED, [accounts]);
    return new Pgbench(database, accounts, program);
  }

  /** Transfers per second. */
  async run(form: Form, spread: Spread, seconds: number): Promise<number> {
    const { postgres, folder } = this.#database;
    const script = join(folder, `${form}-${spread}.sql`);
    writeFileSync(script, ACCOUNTS[spread] + STATEMENTS[form]);
    const load = ["-c", CLIENTS, "-j", 1, "-T", Math.max(LEAST_S, Math.round(seconds)), "--max-tries", DEADLOCK_TRIES];
    const args = [
      "-n",
      "-M",
      "prepared",
      "-f",
      script,
      "-D",
      `accounts=${this.#accounts}`,
      ...load,
      ...address(postgres),
    ];
    const { stdout } = await promisify(execFile)(this.#program, args.map(String), {
      env: { ...process.env, PGPASSWORD: postgres.password },
      timeout: seconds * 1000 + GRACE_MS,
    });
    const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? 0);
    const perS = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    if (!(perS > 0) || failed > 0) throw new Error(`pgbench did not do what it should:\n${stdout}`);
    return perS;
  }
}

function address({ host, port, user }: EmbeddedPostgres): readonly (string | number)[] {
  return ["-h", host, "-p", port, "-U", user, DATABASE];
}

function findPgbench(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin")) : [];
  const folders = [...versions, ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, "pgbench")).find((program) => existsSync(program));
  if (found === undefined) throw new Error("pgbench is missing: on Debian the package postgresql has it");
  return found;
}
