import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import { type Currency, isCurrency } from "@kassa/kernel/currency";
import { isUuid } from "@kassa/kernel/id";
import { formatMoney } from "@kassa/kernel/money";
import type { Pool } from "@kassa/platform/postgres";
import { Findings } from "../findings.ts";
import { arrayParameters } from "../projected-tables.ts";
import { type Check, MAX_FAULTS } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";
import { addSqlFaults } from "../sql-fault.ts";

/** A provider whose settlement report is compared with the ledger. */
export type SettlementSource = {
  /** As in `operations.provider`. Default `acquirer`. */
  readonly name?: string;
  /** Everything that moved at the provider since ever. Read after the snapshot was taken, so that nothing is missing. */
  listSettlement(): AsyncIterable<SettlementLine> | Iterable<SettlementLine>;
};

/** Holds the report, so that PostgreSQL joins it and no process has to keep it in memory. */
export const SETTLEMENT_TABLE = `
  create temporary table proof_settlement (
    line text not null, kind text not null, operation text not null, operation_id uuid, amount bigint not null,
    currency text not null
  ) on commit drop`;

/** Lines written at once. */
const PORTION = 5_000;

const INSERT = `
  insert into proof_settlement (line, kind, operation, operation_id, amount, currency)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::text[])`;

const DOUBLED = `
  select 'doubled_at_provider' as what, operation as id, 'one ' || kind as expected,
    count(*) || ' lines: ' || string_agg(line, ', ' order by line) as found, count(*) over () as total
  from proof_settlement group by kind, operation having count(*) > 1
  limit ${MAX_FAULTS}`;

const DIFFERENT = `
  select s.operation, s.kind, s.amount, s.currency, t.amount as our_amount, t.currency as our_currency, o.outcome,
    o.id is not null as known
  from proof_settlement s
  left join operations o on o.id = s.operation_id
  left join ledger_transfers t
    on t.id = s.operation_id and t.kind = case s.kind when 'capture' then 'post' else 'settle' end
  where t.id is null or t.amount <> s.amount or t.currency <> s.currency
  order by s.line`;

const MISSING = `
  select 'missing_at_provider' as what, t.id::text as id,
    format('a %s of %s minor units %s', case t.kind when 'post' then 'capture' else 'refund' end, t.amount, t.currency)
      as expected,
    'no settlement line' as found, count(*) over () as total
  from ledger_transfers t
  join ledger_accounts a on a.id = case t.kind when 'post' then t.debit_account else t.credit_account end
  where t.kind in ('post', 'settle') and a.kind = 'provider' and a.party = $1 and not exists (
    select 1 from proof_settlement s
    where s.operation_id = t.id and s.kind = case t.kind when 'post' then 'capture' else 'refund' end
  )
  limit ${MAX_FAULTS}`;

const LEDGER_LINES = `
  select count(*) from ledger_transfers t
  join ledger_accounts a on a.id = case t.kind when 'post' then t.debit_account else t.credit_account end
  where t.kind in ('post', 'settle') and a.kind = 'provider' and a.party = $1`;

/** Operations in flight that a proof remembers, to say so where it lists what waits. */
const MAX_IN_FLIGHT = 10_000;

/** Younger than the snapshot: operations stored after it was taken. */
const KNOWN_NOW = "select id from operations where id = any ($1::uuid[])";

type Difference = {
  readonly operation: string;
  readonly kind: SettlementLine["kind"];
  readonly amount: bigint;
  readonly currency: string;
  readonly our_amount: bigint | null;
  readonly our_currency: string | null;
  readonly outcome: "pending" | "unknown" | "succeeded" | "failed" | null;
  readonly known: boolean;
};

/**
 * The provider's settlement lines are the ledger's captures and refunds: each there once, with the same amount. A line whose
 * operation has no outcome here yet is in flight and no fault.
 * @returns the check, and the operations that are in flight with what the provider says of them
 */
export async function checkProvider(
  comparer: Snapshot,
  pool: Pool,
  source: SettlementSource,
): Promise<{ readonly check: Check; readonly inFlight: ReadonlyMap<string, string> }> {
  const findings = new Findings("provider");
  const inFlight = new Map<string, string>();
  try {
    await store(comparer, findings, source);
  } catch (error) {
    if (!(error instanceof SettlementUnavailable)) throw error;
    findings.add("report_unavailable", "settlement report", "every line", error.message);
    return { check: findings.check(), inFlight };
  }
  const name = source.name ?? "acquirer";
  const [ours] = await comparer.rows<{ count: bigint }>(LEDGER_LINES, [name]);
  findings.compare(ours?.count ?? 0n);
  await addSqlFaults(findings, comparer, [{ text: DOUBLED }, { text: MISSING, values: [name] }]);
  for await (const differences of comparer.pages<Difference>(DIFFERENT)) {
    await judge(pool, findings, inFlight, differences);
  }
  return { check: findings.check(), inFlight };
}

class SettlementUnavailable extends Error {
  override readonly name = "SettlementUnavailable";
}

async function store(snapshot: Snapshot, findings: Findings, source: SettlementSource): Promise<void> {
  let portion: SettlementLine[] = [];
  for await (const line of linesOf(source)) {
    portion.push(line);
    if (portion.length < PORTION) continue;
    await insert(snapshot, portion);
    findings.compare(portion.length);
    portion = [];
  }
  if (portion.length > 0) await insert(snapshot, portion);
  findings.compare(portion.length);
}

async function* linesOf(source: SettlementSource): AsyncGenerator<SettlementLine> {
  try {
    yield* source.listSettlement();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SettlementUnavailable(`the provider did not give it: ${message}`, { cause: error });
  }
}

async function insert(snapshot: Snapshot, lines: readonly SettlementLine[]): Promise<void> {
  const columns = [
    lines.map(({ id }) => id),
    lines.map(({ kind }) => kind),
    lines.map(({ operation_id }) => operation_id),
    lines.map(({ operation_id }) => (isUuid(operation_id) ? operation_id : null)),
    lines.map(({ amount }) => amount),
    lines.map(({ currency }) => currency),
  ];
  await snapshot.rows(INSERT, arrayParameters(columns));
}

async function judge(
  pool: Pool,
  findings: Findings,
  inFlight: Map<string, string>,
  differences: readonly Difference[],
): Promise<void> {
  const unknown = differences.filter(({ known, operation }) => !known && isUuid(operation));
  const young = new Set<string>();
  if (unknown.length > 0) {
    const { rows } = await pool.query<{ id: string }>(KNOWN_NOW, [unknown.map(({ operation }) => operation)]);
    for (const { id } of rows) young.add(id);
  }
  for (const line of differences) {
    const { operation, kind, amount, currency, our_amount, our_currency, outcome } = line;
    const theirs = `${kind} of ${moneyText(amount, currency)}`;
    if (our_amount !== null) {
      findings.add("amount_differs", operation, moneyText(our_amount, our_currency ?? ""), theirs);
    } else if (outcome === "pending" || outcome === "unknown") {
      if (inFlight.size < MAX_IN_FLIGHT) inFlight.set(operation, theirs);
    } else if (!young.has(operation)) {
      const known = outcome === null ? "no such operation here" : `the operation is ${outcome} here`;
      findings.add("missing_in_ledger", operation, `no ${kind} (${known})`, `${theirs} at the provider`);
    }
  }
}

function moneyText(amountMinor: bigint, currency: string): string {
  return isCurrency(currency)
    ? formatMoney({ amountMinor, currency: currency as Currency })
    : `${amountMinor} ${currency}`;
}
