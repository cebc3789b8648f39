import { createHash } from "node:crypto";
import type { Uuid } from "@kassa/kernel/id";
import type { Transfer } from "./postings.ts";

/** A row of the journal as the chain of hashes sees it: its accounts are numbers, nothing of it ever changes. */
export type SealedTransfer = {
  readonly id: Uuid;
  readonly kind: Transfer["kind"];
  readonly holdId: Uuid | null;
  readonly debitAccount: bigint;
  readonly creditAccount: bigint;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly merchantId: Uuid;
  readonly paymentId: Uuid;
  readonly occurredAtMs: number;
};

/** What the first block has as its previous hash: 32 zero bytes. */
export const GENESIS = Buffer.alloc(32);

/**
 * One transfer as a line of the sealed journal: every column, ids in lower case, amounts in minor units, the instant in
 * milliseconds since the Unix epoch. It must never change, or old seals can no longer be checked.
 */
export function sealLine(transfer: SealedTransfer): string {
  const { id, kind, holdId, debitAccount, creditAccount, amountMinor, currency } = transfer;
  const { merchantId, paymentId, occurredAtMs } = transfer;
  const what = `${id}|${kind}|${holdId ?? "-"}|${debitAccount}|${creditAccount}|${amountMinor}|${currency}`;
  return `${what}|${merchantId}|${paymentId}|${occurredAtMs}\n`;
}

/** SHA-256 over the previous block's hash and the lines of this block's transfers, in order. 32 bytes. */
export function sealHash(previous: Buffer, transfers: Iterable<SealedTransfer>): Buffer {
  const hash = createHash("sha256").update(previous);
  for (const transfer of transfers) hash.update(sealLine(transfer));
  return hash.digest();
}
