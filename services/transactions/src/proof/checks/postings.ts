import { transfersOf } from "../../domain/change.ts";
import type { Transfer } from "../../domain/postings.ts";
import { Findings } from "../findings.ts";
import { arrayParameters } from "../projected-tables.ts";
import { type Check, MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import type { SoundStream } from "./events.ts";

const COMPARE = `
  with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
      $9::text[], $10::uuid[], $11::uuid[], $12::timestamptz[])
      as w (id, kind, hold_id, debit_kind, debit_party, credit_kind, credit_party, amount, currency, merchant_id,
        payment_id, occurred_at)
  ), found as (
    select t.id, t.kind, t.hold_id, d.kind as debit_kind, d.party as debit_party, c.kind as credit_kind,
      c.party as credit_party, t.amount, t.currency, t.merchant_id, t.payment_id, t.occurred_at
    from ledger_transfers t
    left join ledger_accounts d on d.id = t.debit_account
      and (d.merchant_id, d.currency) = (t.merchant_id, t.currency)
    left join ledger_accounts c on c.id = t.credit_account
      and (c.merchant_id, c.currency) = (t.merchant_id, t.currency)
    where t.id = any ($1::uuid[])
  )
  select w.id, to_jsonb(w) as expected, to_jsonb(f) as found
  from wanted w left join found f on f.id = w.id
  where f.id is null or (f.*) is distinct from (w.*)`;

const COUNT = "select count(*) from ledger_transfers where payment_id <> all ($1::uuid[])";

const UNEXPLAINED = `
  select t.id, to_jsonb(t) as found, count(*) over () as total from ledger_transfers t
  where t.payment_id <> all ($1::uuid[]) and not exists (
    select 1 from events e
    where e.stream_id = t.payment_id and case t.kind
      when 'hold' then e.type = 'refund.requested' and e.data ->> 'refund_id' = t.id::text
      when 'settle' then e.type = 'refund.succeeded' and e.data ->> 'operation_id' = t.id::text
      when 'release' then e.type = 'refund.failed' and e.data ->> 'operation_id' = t.id::text
      else e.type = 'payment.completed' and e.data ->> 'operation_id' = t.id::text
    end
  ) limit ${MAX_FAULTS}`;

type Difference = {
  readonly id: string;
  readonly expected: Record<string, unknown>;
  readonly found: Record<string, unknown> | null;
};

/** Every transfer that an event asks for is in the journal, once and unchanged; and no transfer is there for no event. */
export class PostingsCheck {
  readonly #findings = new Findings("postings");
  readonly #snapshot: Snapshot;
  #matched = 0n;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  async compare(streams: readonly SoundStream[]): Promise<void> {
    const transfers = streams.flatMap(({ payment, events }) =>
      transfersOf({ before: undefined, after: payment, events }),
    );
    if (transfers.length === 0) return;
    this.#findings.compare(transfers.length);
    const rows = await this.#snapshot.rows<Difference>(COMPARE, arrayParameters(transferColumns(transfers)));
    this.#matched += BigInt(transfers.length - rows.filter(({ found }) => found === null).length);
    for (const { id, expected, found } of rows) {
      if (found === null) this.#findings.add("transfer_missing", id, expected, "no transfer");
      else {
        const names = Object.keys(expected).filter((name) => expected[name] !== found[name]);
        const only = (row: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, row[name]]));
        this.#findings.add("transfer_differs", id, only(expected), only(found));
      }
    }
  }

  /** @param broken streams that add up to nothing, whose transfers can be neither right nor wrong */
  async end(broken: readonly string[]): Promise<Check> {
    const [counted] = await this.#snapshot.rows<{ count: bigint }>(COUNT, [broken]);
    if (counted?.count !== this.#matched) {
      const rows = await this.#snapshot.rows<Difference & { total: bigint }>(UNEXPLAINED, [broken]);
      for (const { id, found } of rows) this.#findings.add("transfer_without_event", id, "no transfer", found);
      this.#findings.addUnseen(rows);
    }
    return this.#findings.check();
  }
}

/** Transfers column by column, their accounts by kind and party. */
export function transferColumns(transfers: readonly Transfer[]): unknown[][] {
  return [
    transfers.map(({ id }) => id),
    transfers.map(({ kind }) => kind),
    transfers.map(({ holdId }) => holdId ?? null),
    transfers.map(({ debit }) => debit.kind),
    transfers.map(({ debit }) => debit.party),
    transfers.map(({ credit }) => credit.kind),
    transfers.map(({ credit }) => credit.party),
    transfers.map(({ amountMinor }) => amountMinor),
    transfers.map(({ debit }) => debit.currency),
    transfers.map(({ merchantId }) => merchantId),
    transfers.map(({ paymentId }) => paymentId),
    transfers.map(({ occurredAtMs }) => new Date(occurredAtMs).toISOString()),
  ];
}
