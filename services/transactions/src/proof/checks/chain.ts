import { GENESIS, type SealedTransfer, sealHash } from "../../domain/seal.ts";
import { Findings } from "../findings.ts";
import { arrayParameters } from "../projected-tables.ts";
import { type Check, MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import { addSqlFaults } from "../sql-fault.ts";

/** A sealed block and its hash, as a proof printed it and somebody kept it. */
export type Head = { readonly block: bigint; readonly hash: string };

/** `12:9f…` (64 hexadecimal digits) as a head; undefined when it is none. */
export function parseHead(text: string): Head | undefined {
  const match = /^([1-9]\d{0,17}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase());
  return match?.[1] === undefined || match[2] === undefined ? undefined : { block: BigInt(match[1]), hash: match[2] };
}

type Seal = {
  readonly block: bigint;
  readonly transfer_ids: readonly string[];
  readonly previous: Buffer;
  readonly hash: Buffer;
};

const SEALS = "select block, transfer_ids, previous, hash from ledger_seals order by block";

const TRANSFERS = `
  select t.id, t.kind, t.hold_id as "holdId", t.debit_account as "debitAccount", t.credit_account as "creditAccount",
    t.amount as "amountMinor", t.currency, t.merchant_id as "merchantId", t.payment_id as "paymentId",
    (extract(epoch from t.occurred_at) * 1000)::float8 as "occurredAtMs"
  from unnest($1::uuid[]) with ordinality as w (id, place)
  join ledger_transfers t on t.id = w.id
  order by w.place`;

const PLACES = `
  with placed as (
    select id, count(*) as places from (
      select unnest(transfer_ids) as id from ledger_seals
      union all
      select transfer_id from ledger_unsealed
    ) as every group by id
  )
  select case when t.id is null then 'sealed_but_missing' when p.id is null then 'not_sealed' else 'sealed_twice' end
      as what,
    coalesce(t.id, p.id)::text as id,
    case when t.id is null then 'a transfer in the journal' else 'one seal, or a place in the queue of the sealer' end
      as expected,
    case when t.id is null then 'no transfer' else coalesce(p.places, 0) || ' places' end as found,
    count(*) over () as total
  from ledger_transfers t full join placed p on p.id = t.id
  where t.id is null or p.id is null or p.places > 1
  limit ${MAX_FAULTS}`;

/** A block holds up to 10,000 ids, so a page of them is small. */
const PAGE_SEALS = 50;

/** Transfers looked up at once. */
const LOOK_UP_TRANSFERS = 10_000;

/**
 * Every seal's hash is that of its transfers and the hash before; blocks have no gap; each transfer is in one seal or waits
 * for the sealer. With a head that was kept elsewhere: that block is still what it was.
 */
export async function checkChain(
  reader: Snapshot,
  comparer: Snapshot,
  kept: Head | undefined,
): Promise<{ readonly check: Check; readonly head: string | undefined }> {
  const findings = new Findings("chain");
  let last: Seal | undefined;
  let keptHash: string | undefined;
  for await (const page of reader.pages<Seal>(SEALS, PAGE_SEALS)) {
    for (const seals of inPortions(page)) {
      const hashes = await recompute(comparer, seals);
      for (const [index, seal] of seals.entries()) {
        findings.compare(seal.transfer_ids.length);
        checkSeal(findings, last, seal, hashes[index]);
        if (seal.block === kept?.block) keptHash = seal.hash.toString("hex");
        last = seal;
      }
    }
  }
  if (kept !== undefined && keptHash !== kept.hash) {
    findings.add("head_differs", `block ${kept.block}`, kept.hash, keptHash ?? "no such block");
  }
  await addSqlFaults(findings, comparer, [{ text: PLACES }]);
  const head = last === undefined ? undefined : `${last.block}:${last.hash.toString("hex")}`;
  return { check: findings.check(), head };
}

function checkSeal(findings: Findings, before: Seal | undefined, seal: Seal, hash: string | undefined): void {
  const id = `block ${seal.block}`;
  const block = (before?.block ?? 0n) + 1n;
  if (seal.block !== block) findings.add("block_missing", `block ${block}`, `block ${block}`, id);
  else {
    const previous = (before?.hash ?? GENESIS).toString("hex");
    const found = seal.previous.toString("hex");
    if (found !== previous) findings.add("link_differs", id, previous, found);
  }
  // A missing transfer is named by the places below; without it there is nothing to compute.
  if (hash !== undefined && hash !== seal.hash.toString("hex")) {
    findings.add("hash_differs", id, hash, seal.hash.toString("hex"));
  }
}

/** The hash of each seal from the journal; undefined where a transfer is missing. */
async function recompute(snapshot: Snapshot, seals: readonly Seal[]): Promise<(string | undefined)[]> {
  const ids = seals.flatMap(({ transfer_ids }) => transfer_ids);
  const known = new Map<string, SealedTransfer>();
  for (const transfer of await snapshot.rows<SealedTransfer>(TRANSFERS, arrayParameters([ids])))
    known.set(transfer.id, transfer);
  return seals.map(({ previous, transfer_ids }) => {
    const transfers = transfer_ids.flatMap((id) => known.get(id) ?? []);
    return transfers.length === transfer_ids.length ? sealHash(previous, transfers).toString("hex") : undefined;
  });
}

function inPortions(seals: readonly Seal[]): Seal[][] {
  const portions: Seal[][] = [];
  let size = LOOK_UP_TRANSFERS;
  for (const seal of seals) {
    if (size + seal.transfer_ids.length > LOOK_UP_TRANSFERS) {
      portions.push([]);
      size = 0;
    }
    portions.at(-1)?.push(seal);
    size += seal.transfer_ids.length;
  }
  return portions;
}
