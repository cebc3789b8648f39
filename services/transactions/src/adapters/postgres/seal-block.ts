import { counter, gauge } from "@kassa/platform/metrics";
import { inTransaction, type Pool, type PoolClient } from "@kassa/platform/postgres";
import { GENESIS, type SealedTransfer, sealHash } from "../../domain/seal.ts";

const ADVISORY_LOCK = 7_264_003;

// The transaction's own lock: one sealer at a time, and a dead one lets go by itself.
const LOCK = "select pg_try_advisory_xact_lock($1) as locked";
const HEAD = "select block, hash from ledger_seals order by block desc limit 1";
const UNSEALED = `
  select u.position, t.id, t.kind, t.hold_id, t.debit_account, t.credit_account, t.amount, t.currency, t.merchant_id,
    t.payment_id, t.occurred_at
  from (select position, transfer_id from ledger_unsealed order by position limit $1) u
  join ledger_transfers t on t.id = u.transfer_id
  order by u.position`;
const INSERT = `
  insert into ledger_seals (block, transfer_ids, previous, hash, sealed_at) values ($1, $2, $3, $4, $5)`;
const DELETE = "delete from ledger_unsealed where position = any ($1::bigint[])";

const sealed = counter("kassa_ledger_sealed_total", "Transfers that the sealer chained");
const head = gauge("kassa_ledger_head_block", "Number of the last sealed block");

/**
 * Chains the next block of hashes over the journal, off the hot path: seals the oldest transfers not sealed yet, up to
 * `maxBlock`, in one transaction; returns how many. One sealer at a time; another finds nothing to do.
 */
export function sealBlock(pool: Pool, nowMs: number, maxBlock: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ locked: boolean }>(LOCK, [ADVISORY_LOCK]);
    return rows[0]?.locked ? seal(client, nowMs, maxBlock) : 0;
  });
}

async function seal(client: PoolClient, nowMs: number, maxBlock: number): Promise<number> {
  const { rows } = await client.query({ name: "unsealed", text: UNSEALED, values: [maxBlock] });
  if (rows.length === 0) return 0;
  const last = await client.query<{ block: bigint; hash: Buffer }>(HEAD);
  const previous = last.rows[0]?.hash ?? GENESIS;
  const block = (last.rows[0]?.block ?? 0n) + 1n;
  const transfers = rows.map(sealedTransfer);
  const hash = sealHash(previous, transfers);
  const ids = transfers.map(({ id }) => id);
  await client.query(INSERT, [block, ids, previous, hash, new Date(nowMs).toISOString()]);
  await client.query(DELETE, [rows.map(({ position }) => position)]);
  sealed.inc(rows.length);
  head.set(Number(block));
  return rows.length;
}

// biome-ignore lint/suspicious/noExplicitAny: a row of pg has no type
function sealedTransfer(row: any): SealedTransfer {
  return {
    id: row.id,
    kind: row.kind,
    holdId: row.hold_id,
    debitAccount: row.debit_account,
    creditAccount: row.credit_account,
    amountMinor: row.amount,
    currency: row.currency,
    merchantId: row.merchant_id,
    paymentId: row.payment_id,
    occurredAtMs: row.occurred_at.getTime(),
  };
}
