import type { Pool } from "@kassa/platform/postgres";
import { LRUCache } from "lru-cache";
import type { AccountKey, Transfer } from "../../domain/postings.ts";
import type { ReadyTransfer } from "./commit-items.ts";

const CACHED_ACCOUNTS = 100_000;

// An account is made when money first meets it; a merchant's may not be overdrawn, a provider's has no floor.
const ENSURE_ACCOUNTS = `
  with wanted as (
    select distinct merchant_id, kind, party, currency
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as w (merchant_id, kind, party, currency)
  ), made as (
    insert into ledger_accounts (merchant_id, kind, party, currency, created_at)
    select merchant_id, kind, party, currency, $5 from wanted order by 1, 2, 3, 4
    on conflict (merchant_id, kind, party, currency) do nothing
    returning id, merchant_id, kind, party, currency
  ), opened as (
    insert into ledger_balances (account_id, currency, floor)
    select id, currency, case when kind = 'merchant' then 0 end from made
  )
  select id, merchant_id, kind, party, currency from made
  union all
  select a.id, a.merchant_id, a.kind, a.party, a.currency from ledger_accounts a
  join wanted using (merchant_id, kind, party, currency)`;

/** Numbers of ledger accounts by their key; accounts that are missing are opened. */
export class AccountDirectory {
  readonly #pool: Pool;
  readonly #ids = new LRUCache<string, bigint>({ max: CACHED_ACCOUNTS });

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The transfers with their accounts' numbers. One query at most, and only for accounts not met before. */
  async resolve(transfers: readonly Transfer[], nowMs: number): Promise<readonly ReadyTransfer[]> {
    if (transfers.length === 0) return [];
    const missing = transfers
      .flatMap(({ debit, credit }) => [debit, credit])
      .filter((key) => !this.#ids.has(textOf(key)));
    // Another pod may be opening the same account: what its uncommitted row hides is there on the second look.
    for (let look = 0; look < 3 && missing.some((key) => !this.#ids.has(textOf(key))); look += 1) {
      await this.#ensure(missing, nowMs);
    }
    return transfers.map((transfer) => ({
      ...transfer,
      debitId: this.#id(transfer.debit),
      creditId: this.#id(transfer.credit),
    }));
  }

  async #ensure(keys: readonly AccountKey[], nowMs: number): Promise<void> {
    const { rows } = await this.#pool.query(ENSURE_ACCOUNTS, [
      keys.map(({ merchantId }) => merchantId),
      keys.map(({ kind }) => kind),
      keys.map(({ party }) => party),
      keys.map(({ currency }) => currency),
      new Date(nowMs).toISOString(),
    ]);
    for (const { id, merchant_id, kind, party, currency } of rows) {
      this.#ids.set(textOf({ merchantId: merchant_id, kind, party, currency }), id);
    }
  }

  #id(key: AccountKey): bigint {
    const id = this.#ids.get(textOf(key));
    if (id === undefined) throw new Error(`no ledger account for ${textOf(key)}`);
    return id;
  }
}

function textOf({ merchantId, kind, party, currency }: AccountKey): string {
  return `${merchantId}/${kind}/${party}/${currency}`;
}
