import { idPrefixes } from "@kassa/kernel/id";
import { Findings } from "../findings.ts";
import { arrayParameters, type ProjectedTable, projectedTables, projectionValues } from "../projected-tables.ts";
import { type Check, MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import type { SoundStream } from "./events.ts";

type Difference = {
  readonly id: string;
  readonly expected: Record<string, unknown>;
  readonly found: Record<string, unknown> | null;
};

type Unexplained = { readonly id: string; readonly found: object; readonly total: bigint };

// The rows that no event explains are looked for only when there are more rows than events have made.
const COMPARE = {
  payments: `
    select to_jsonb(w) as expected, to_jsonb(p) as found, w.id, p.id is not null as known
    from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[],
      $9::bigint[], $10::bigint[], $11::jsonb[], $12::text[], $13::text[], $14::jsonb[], $15::boolean[], $16::jsonb[],
      $17::timestamptz[], $18::timestamptz[], $19::timestamptz[])
      as w (merchant_id, id, version, status, amount, currency, capture, amount_capturable, amount_captured,
        amount_refunded, payment_method, provider, reference, metadata, cancel_requested, last_error, expires_at,
        created_at, updated_at)
    left join payments p on (p.merchant_id, p.id) = (w.merchant_id, w.id)
    where p.id is null or (p.*) is distinct from (w.*)`,
  operations: `
    select to_jsonb(w) as expected, to_jsonb(o) as found, w.id, o.id is not null as known
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::timestamptz[], $11::timestamptz[])
      as w (id, merchant_id, payment_id, kind, amount, outcome, reason, provider, provider_reference, started_at,
        settled_at)
    left join operations o on o.id = w.id
    where o.id is null or (o.*) is distinct from (w.*)`,
  refunds: `
    select to_jsonb(w) as expected, to_jsonb(f) as found, w.id, f.id is not null as known
    from unnest($1::jsonb[]) as b (body), lateral jsonb_populate_record(null::refunds, b.body) as w
    left join refunds f on (f.merchant_id, f.id) = (w.merchant_id, w.id)
    where f.id is null or (f.*) is distinct from (w.*)`,
} as const satisfies Record<ProjectedTable, string>;

const COUNT = {
  payments: "select count(*) from payments where id <> all ($1::uuid[])",
  operations: "select count(*) from operations where payment_id <> all ($1::uuid[])",
  refunds: "select count(*) from refunds where payment_id <> all ($1::uuid[])",
} as const satisfies Record<ProjectedTable, string>;

const UNEXPLAINED = {
  payments: `
    select id, to_jsonb(p) as found, count(*) over () as total from payments p
    where id <> all ($1::uuid[]) and not exists (
      select 1 from events e where e.stream_id = p.id and e.version = 1 and e.merchant_id = p.merchant_id
    ) limit ${MAX_FAULTS}`,
  operations: `
    select id, to_jsonb(o) as found, count(*) over () as total from operations o
    where payment_id <> all ($1::uuid[]) and not exists (
      select 1 from events e
      where e.stream_id = o.payment_id and e.data ->> 'operation_id' = o.id::text
    ) limit ${MAX_FAULTS}`,
  refunds: `
    select id, to_jsonb(f) as found, count(*) over () as total from refunds f
    where payment_id <> all ($1::uuid[]) and not exists (
      select 1 from events e
      where e.stream_id = f.payment_id and e.merchant_id = f.merchant_id
        and e.type = 'refund.requested' and e.data ->> 'refund_id' = f.id::text
    ) limit ${MAX_FAULTS}`,
} as const satisfies Record<ProjectedTable, string>;

const PREFIX = { payments: idPrefixes.payment, operations: idPrefixes.operation, refunds: idPrefixes.refund };

/** Every row of payments, operations and refunds is, in every column, what the events add up to; and there are no others. */
export class ProjectionsCheck {
  readonly #findings = new Findings("projections");
  readonly #snapshot: Snapshot;
  readonly #matched: Record<ProjectedTable, bigint> = { payments: 0n, operations: 0n, refunds: 0n };

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  async compare(streams: readonly SoundStream[]): Promise<void> {
    const values = projectionValues(streams.map(({ payment }) => payment));
    for (const table of projectedTables) {
      const expected = values[table][0]?.length ?? 0;
      if (expected === 0) continue;
      this.#findings.compare(expected);
      const rows = await this.#snapshot.rows<Difference & { known: boolean }>(
        COMPARE[table],
        arrayParameters(values[table]),
      );
      this.#matched[table] += BigInt(expected - rows.filter(({ known }) => !known).length);
      for (const row of rows) this.#report(table, row);
    }
  }

  /** @param broken streams that add up to nothing, whose rows can be neither right nor wrong */
  async end(broken: readonly string[]): Promise<Check> {
    for (const table of projectedTables) {
      const [counted] = await this.#snapshot.rows<{ count: bigint }>(COUNT[table], [broken]);
      if (counted?.count === this.#matched[table]) continue;
      const rows = await this.#snapshot.rows<Unexplained>(UNEXPLAINED[table], [broken]);
      for (const { id, found } of rows) {
        this.#findings.add("row_without_events", publicText(table, id), `no row in ${table}`, found);
      }
      this.#findings.addUnseen(rows);
    }
    return this.#findings.check();
  }

  #report(table: ProjectedTable, { id, expected, found }: Difference): void {
    if (found === null) {
      this.#findings.add("row_missing", publicText(table, id), expected, `no row in ${table}`);
      return;
    }
    const names = Object.keys(expected).filter(
      (name) => JSON.stringify(expected[name]) !== JSON.stringify(found[name]),
    );
    const only = (row: Record<string, unknown>) => Object.fromEntries(names.map((name) => [name, row[name]]));
    this.#findings.add("row_differs", publicText(table, id), only(expected), only(found));
  }
}

function publicText(table: ProjectedTable, id: string): string {
  return PREFIX[table] + id.replaceAll("-", "");
}
