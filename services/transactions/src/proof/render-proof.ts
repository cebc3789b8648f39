import type { Check, Proof } from "./proof.ts";
import { alignColumns } from "./render-trace.ts";

/** What a check that holds has shown, in a line. */
const shown: Readonly<Record<Check["name"], string>> = {
  events: "events without a gap, valid, each possible after the one before",
  projections: "rows of payments, refunds and operations equal to their events",
  postings: "transfers that events explain, each in the journal once",
  ledger: "transfers and balances that add up; debits equal credits",
  chain: "sealed transfers whose chain of hashes holds",
  outbox: "versions published or waiting; nothing lost",
  provider: "settlement lines and ledger entries, each side's on the other",
  references: "references and answers that name what exists",
};

/** Waiting entries that are printed; the rest is in the JSON. */
const MAX_PRINTED = 20;

/** A proof as text for a terminal. */
export function renderProof(proof: Proof): string {
  const checks = alignColumns(
    proof.checks.map(({ name, ok, compared, faults_total }) => [
      ok ? "ok   " : "WRONG",
      name,
      compared.toString(),
      ok ? shown[name] : `${faults_total} ${faults_total === 1 ? "fault" : "faults"}, see below`,
    ]),
  );
  const faults = proof.checks.flatMap(({ name, faults_total, faults }) => [
    ...faults.flatMap(({ what, id, expected, found }) => [
      "",
      `${name}: ${what} ${id}`,
      `  expected  ${expected}`,
      `  found     ${found}`,
    ]),
    ...(faults_total > faults.length ? ["", `${name}: and ${faults_total - faults.length} more`] : []),
  ]);
  const head = proof.head === undefined ? [] : ["", `head ${proof.head}`];
  return `${[...checks, ...faults, ...waitingLines(proof), ...head, "", proof.summary].join("\n")}\n`;
}

function waitingLines({ waiting, waiting_total }: Proof): string[] {
  if (waiting_total === 0) return [];
  const rows = waiting
    .slice(0, MAX_PRINTED)
    .map(({ payment_id, kind, since, waits_for }) => ["waiting", payment_id, kind, since, waits_for]);
  const more = waiting_total - rows.length;
  return ["", ...alignColumns(rows), ...(more > 0 ? [`and ${more} more waiting`] : [])];
}
