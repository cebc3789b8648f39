import { databases } from "@kassa/cli/installation/environments";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import { ensureDatabase } from "@kassa/platform/embedded-postgres";
import { createPool, migrate, type Pool } from "@kassa/platform/postgres";
import { migrationsFolder } from "@kassa/transactions/service";
import type { Spread } from "../floors/pgbench.ts";
import { type BenchDatabase, queryOnce } from "../installation/database.ts";

const CONNECTIONS = 2;
const BATCH = 1_000;
/** Accounts are numbered from 1; number 1 is the hot one and takes, the others give. */
const HOT = 1;
const FUNDS_MINOR = 1_000_000_000_000;

const SEED_ACCOUNTS = `
  insert into ledger_accounts (merchant_id, kind, party, currency, created_at)
  select gen_random_uuid(), 'merchant', '', 'EUR', now() from generate_series(1, $1::int)`;
const SEED_BALANCES = `
  insert into ledger_balances (account_id, currency, floor, credits)
  select id, currency, 0, $1::bigint from ledger_accounts`;
const POST = `
  select place, result from post_transfers(
    $1::int[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::uuid[], $9::uuid[],
    $10::timestamptz[]
  )`;
const TOTALS = `
  select (select count(*) from ledger_transfers) as transfers, (select sum(amount) from ledger_transfers) as moved,
    (select sum(debits) from ledger_balances) as debits, (select sum(credits) - count(*) * $1 from ledger_balances) as credits,
    (select count(*) from ledger_balances where credits - debits - held < floor) as below`;

type Totals = Readonly<Record<"transfers" | "moved" | "debits" | "credits" | "below", string>>;
type Batch = readonly unknown[][];

/** The product's ledger on a database of its own, with every account bound by a floor. */
export class LedgerBook implements AsyncDisposable {
  readonly details = { connections: CONNECTIONS, batch: BATCH };
  readonly #pool: Pool;
  readonly #url: string;
  readonly #accounts: number;
  #posted = 0;
  #last: Batch | undefined;

  private constructor(pool: Pool, url: string, accounts: number) {
    this.#pool = pool;
    this.#url = url;
    this.#accounts = accounts;
  }

  static async open({ postgres }: BenchDatabase, accounts: number): Promise<LedgerBook> {
    const name = `${databases.transactions}_ledger`;
    await ensureDatabase(postgres.connectionString("postgres"), name);
    const url = postgres.connectionString(name);
    await migrate({ connectionString: url, folder: migrationsFolder });
    await queryOnce(url, SEED_ACCOUNTS, [accounts]);
    await queryOnce(url, SEED_BALANCES, [FUNDS_MINOR]);
    await queryOnce(url, "vacuum analyze");
    return new LedgerBook(
      createPool({ connectionString: url, applicationName: "bench", max: CONNECTIONS }),
      url,
      accounts,
    );
  }

  /** Transfers per second, each with an id and a result of its own. @throws Error when one was not simply posted */
  async run(spread: Spread, seconds: number): Promise<number> {
    const before = this.#posted;
    const startedAtMs = performance.now();
    const endAtMs = startedAtMs + seconds * 1000;
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#postUntil(endAtMs, spread)));
    return ((this.#posted - before) * 1000) / (performance.now() - startedAtMs);
  }

  /** The books add up, and a batch posted again changes nothing. */
  async assertBalanced(): Promise<void> {
    const again = await this.#post(this.#last ?? []);
    if (again.length !== BATCH || again.some(({ result }) => result !== "exists"))
      throw new Error("a batch posted twice was not refused item by item");
    const [totals] = await queryOnce<Totals>(this.#url, TOTALS, [FUNDS_MINOR]);
    const { transfers, moved, debits, credits, below } = totals as Totals;
    if (Number(transfers) !== this.#posted || debits !== moved || credits !== moved || below !== "0")
      throw new Error(`${this.#posted} transfers were posted, the books say ${JSON.stringify(totals)}`);
  }

  async #postUntil(endAtMs: number, spread: Spread): Promise<void> {
    while (performance.now() < endAtMs) {
      const batch = this.#batch(spread);
      const refused = await this.#post(batch);
      if (refused.length > 0) throw new Error(`transfers were refused: ${JSON.stringify(refused.slice(0, 3))}`);
      this.#posted += BATCH;
      this.#last = batch;
    }
  }

  async #post(batch: Batch): Promise<readonly { readonly place: number; readonly result: string }[]> {
    return (await this.#pool.query({ name: "post", text: POST, values: [...batch] })).rows;
  }

  #batch(spread: Spread): Batch {
    const nowMs = Date.now();
    const now = new Date(nowMs).toISOString();
    const merchant: Uuid = uuidv7(nowMs);
    const columns: unknown[][] = Array.from({ length: 10 }, () => []);
    for (let item = 0; item < BATCH; item += 1) {
      const debit = this.#anyAccount();
      const credit = spread === "hot" ? HOT : this.#anotherAccount(debit);
      const id = uuidv7(nowMs);
      const row = [item, id, "post", null, debit, credit, 1 + (item % 100), merchant, id, now];
      for (let column = 0; column < row.length; column += 1) columns[column]?.push(row[column]);
    }
    return columns;
  }

  #anyAccount(): number {
    return 2 + Math.floor(Math.random() * (this.#accounts - 1));
  }

  #anotherAccount(account: number): number {
    const drawn = this.#anyAccount();
    return drawn === account ? HOT : drawn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}
