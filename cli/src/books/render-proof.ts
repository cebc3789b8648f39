import type { Check, CheckName, Proof } from "@kassa/transactions/proof/proof";

/** What each check compares, for people. */
const compares: Record<CheckName, string> = {
  events: "events: no version missing, every story possible",
  projections: "rows: payments, refunds and operations are what the events add up to",
  postings: "transfers: each asked for by one event, and none missing",
  ledger: "balances and holds: what the journal says; debits equal credits",
  chain: "transfers in the hash chain: sealed once, unchanged since",
  outbox: "versions: each published, or waiting to be",
  provider: "settlement lines: no charge at the provider missing here, none doubled",
  references: "references and stored answers: each payment they name is there",
};

const MAX_SHOWN = 10;

/** The proof as a person reads it. */
export function renderProof(proof: Proof, where: string): string {
  const lines = [`The books in ${where}, ${proof.at}`, "", ...proof.checks.flatMap(renderCheck)];
  if (proof.waiting_total > 0) {
    lines.push("", `  ${proof.waiting_total} not at an end yet:`);
    for (const { payment_id, kind, waits_for } of proof.waiting.slice(0, MAX_SHOWN)) {
      lines.push(`    ${payment_id}  ${kind}: ${waits_for}`);
    }
    lines.push(...rest(proof.waiting_total));
  }
  if (proof.head !== undefined) lines.push("", `  Head of the chain, to be kept elsewhere: ${proof.head}`);
  return [...lines, "", proof.summary].join("\n");
}

function renderCheck({ name, ok, compared, faults, faults_total }: Check): string[] {
  const line = `  ${ok ? "right" : "WRONG"}  ${name.padEnd(12)} ${String(compared).padStart(8)} ${compares[name]}`;
  const shown = faults
    .slice(0, MAX_SHOWN)
    .map(({ what, id, expected, found }) => `           ${what} ${id}: expected ${expected}, found ${found}`);
  return ok ? [line] : [line, ...shown, ...rest(faults_total)];
}

function rest(total: number): string[] {
  return total > MAX_SHOWN ? [`           and ${total - MAX_SHOWN} more (--json shows them)`] : [];
}
