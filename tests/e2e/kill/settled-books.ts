import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import type { PaymentBody } from "@kassa/contracts/payment-routes";
import type { Proof, Waiting } from "@kassa/transactions/proof/proof";
import type { AcceptedPayment, LoadReport } from "./payment-load.ts";
import { NEVER_SETTLED_TOKEN } from "./payment-mix.ts";
import type { RetryingClient } from "./retrying-client.ts";

export type BooksOptions = {
  readonly client: RetryingClient;
  readonly load: LoadReport;
  readonly dataDir: string;
  readonly acquirer: { readonly url: string; readonly token: string };
};

export type SettledBooks = {
  readonly proof: Proof;
  readonly payments: readonly PaymentBody[];
  readonly settleSeconds: number;
};

/** From the end of the load until nothing waits that need not. */
const SETTLE_MS = 120_000;
const LOOK_EVERY_MS = 2_000;
const PAGE = 100;
const SETTLEMENT_PAGE = 10_000;
const PROVE_TIMEOUT_MS = 120_000;
const PROOF_BYTES = 64 * 1024 * 1024;
const OPEN_STATUSES = ["new", "processing", "authorized"] as const;
const SHOWN = 20;

export const KASSA = fileURLToPath(new URL("../../../cli/bin/kassa.js", import.meta.url));

/**
 * Waits until every accepted payment has ended, apart from those that cannot, at most two minutes from the end of the load; then shows
 * that the books are right, that no payment is missing or doubled, and that the provider moved exactly what the payments say.
 */
export async function settleBooks(options: BooksOptions): Promise<SettledBooks> {
  const { client, load, acquirer } = options;
  const { length } = load.refusals;
  assert.deepEqual(load.refusals.slice(0, SHOWN), [], `${length} requests were not answered as they must be`);
  const proof = await proofOfSettled(options);
  const settleSeconds = (Date.now() - load.endedAtMs) / 1_000;
  assert.ok(
    proof.ok,
    `prove: ${proof.summary}\n${JSON.stringify(proof.checks.filter(({ ok }) => !ok)).slice(0, 8_000)}`,
  );
  const payments = await listPayments(client);
  onePaymentAKey(load, payments);
  await compareSettlement(payments, acquirer);
  return { proof, payments, settleSeconds };
}

async function proofOfSettled(options: BooksOptions): Promise<Proof> {
  const { client, load } = options;
  const giveUpAtMs = load.endedAtMs + SETTLE_MS;
  while (Date.now() < giveUpAtMs && (await countUnsettled(client, load)) > 0) await sleep(LOOK_EVERY_MS);
  for (;;) {
    const proof = await prove(options.dataDir);
    const wrong = proof.waiting.filter((entry) => !mayWait(entry, load));
    if (wrong.length === 0) {
      assert.ok(proof.waiting.length === proof.waiting_total, "the proof lists all that wait");
      await everyWaitIsListed(client, proof);
      return proof;
    }
    if (Date.now() > giveUpAtMs) {
      const shown = wrong.slice(0, SHOWN).map((entry) => `${tokenOf(entry, load)} ${JSON.stringify(entry)}`);
      assert.fail(`${wrong.length} still wait ${SETTLE_MS / 1_000} s after the load:\n${shown.join("\n")}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Payments that have not ended though they can. */
async function countUnsettled(client: RetryingClient, load: LoadReport): Promise<number> {
  const open = await Promise.all(OPEN_STATUSES.map((status) => listPayments(client, status)));
  return open.flat().filter((payment) => !mayStay(load.accepted.get(payment.id), payment.status)).length;
}

function mayStay(accepted: AcceptedPayment | undefined, status: string): boolean {
  if (accepted === undefined) return false;
  if (status === "processing") return accepted.token === NEVER_SETTLED_TOKEN;
  return status === "authorized" && accepted.capture === "manual" && !accepted.amended;
}

function mayWait({ kind, payment_id, waits_for }: Waiting, load: LoadReport): boolean {
  // Moved at the provider and not known here: that is no way to wait.
  if (waits_for.includes("at the provider already")) return false;
  const accepted = load.accepted.get(payment_id);
  if (kind === "authorize") return mayStay(accepted, "processing");
  return kind === "payment" && mayStay(accepted, "authorized");
}

function tokenOf({ payment_id }: Waiting, load: LoadReport): string {
  const accepted = load.accepted.get(payment_id);
  return accepted === undefined ? "(not accepted)" : `${accepted.token} ${accepted.capture} ${accepted.followUp}`;
}

async function everyWaitIsListed(client: RetryingClient, proof: Proof): Promise<void> {
  const listed = new Map(proof.waiting.map(({ payment_id, waits_for }) => [payment_id, waits_for]));
  for (const status of OPEN_STATUSES) {
    for (const { id } of await listPayments(client, status)) {
      assert.ok((listed.get(id) ?? "") !== "", `the proof does not say what ${id}, ${status}, waits for`);
    }
  }
}

/** All payments, the newest first. */
async function listPayments(client: RetryingClient, status?: string): Promise<PaymentBody[]> {
  const payments: PaymentBody[] = [];
  for (let after: string | undefined; ; after = payments.at(-1)?.id) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (status !== undefined) query.set("status", status);
    if (after !== undefined) query.set("starting_after", after);
    const path = `/v1/payments?${query}`;
    const answer = await client.send({ method: "GET", path, giveUpAtMs: Date.now() + SETTLE_MS });
    assert.equal(answer?.status, 200, `GET ${path}: ${JSON.stringify(answer)}`);
    payments.push(...answer.json.data);
    if (!answer.json.has_more) return payments;
  }
}

function onePaymentAKey(load: LoadReport, payments: readonly PaymentBody[]): void {
  const idsByKey = new Map<string, string[]>();
  for (const { id, reference } of payments) {
    idsByKey.set(reference ?? "", [...(idsByKey.get(reference ?? "") ?? []), id]);
  }
  const doubled = [...idsByKey].filter(([, ids]) => ids.length > 1);
  assert.deepEqual(doubled.slice(0, SHOWN), [], `${doubled.length} idempotency keys made more than one payment`);
  const lost = [...load.accepted.values()].filter(({ id, key }) => idsByKey.get(key)?.[0] !== id);
  assert.deepEqual(lost.slice(0, SHOWN), [], `${lost.length} payments that were accepted are not there`);
}

/** Independent of the proof: what the payments say was captured and refunded is what the provider's report adds up to. */
async function compareSettlement(payments: readonly PaymentBody[], acquirer: BooksOptions["acquirer"]): Promise<void> {
  const theirs = new Map<string, number>();
  const add = (sums: Map<string, number>, what: string, amount: number) =>
    sums.set(what, (sums.get(what) ?? 0) + amount);
  const operations = new Set<string>();
  for (const line of await listSettlement(acquirer)) {
    add(theirs, `${line.kind} ${line.currency}`, line.amount);
    assert.ok(!operations.has(line.operation_id), `the provider made the operation ${line.operation_id} twice`);
    operations.add(line.operation_id);
  }
  const ours = new Map<string, number>();
  for (const { amount_captured, amount_refunded, currency } of payments) {
    if (amount_captured > 0) add(ours, `capture ${currency}`, amount_captured);
    if (amount_refunded > 0) add(ours, `refund ${currency}`, amount_refunded);
  }
  assert.deepEqual(Object.fromEntries([...ours].sort()), Object.fromEntries([...theirs].sort()));
}

async function listSettlement({ url, token }: BooksOptions["acquirer"]): Promise<SettlementLine[]> {
  const lines: SettlementLine[] = [];
  for (;;) {
    const query = new URLSearchParams({ limit: String(SETTLEMENT_PAGE) });
    const last = lines.at(-1);
    if (last !== undefined) query.set("starting_after", last.id);
    const answer = await fetch(`${url}/v1/settlement?${query}`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    const page = (await answer.json()) as { data: SettlementLine[]; has_more: boolean };
    lines.push(...page.data);
    if (!page.has_more) return lines;
  }
}

/** `kassa prove --json` beside the running product. Exit code and verdict must agree. */
async function prove(dataDir: string): Promise<Proof> {
  const args = [KASSA, "prove", "--json", "--data", dataDir];
  const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { timeout: PROVE_TIMEOUT_MS, maxBuffer: PROOF_BYTES }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
  assert.ok(stdout.startsWith("{"), `kassa prove ended with ${code} and no JSON:\n${stdout}${stderr}`.slice(0, 4_000));
  const proof = JSON.parse(stdout) as Proof;
  assert.equal(code, proof.ok ? 0 : 1, "the exit code of prove is its verdict");
  return proof;
}
