import { createPool, type Pool } from "@kassa/platform/postgres";
import { checkChain, type Head } from "./checks/chain.ts";
import { EventsCheck } from "./checks/events.ts";
import { checkLedger } from "./checks/ledger.ts";
import { checkOutbox } from "./checks/outbox.ts";
import { PostingsCheck } from "./checks/postings.ts";
import { ProjectionsCheck } from "./checks/projections.ts";
import { checkProvider, SETTLEMENT_TABLE, type SettlementSource } from "./checks/provider.ts";
import { checkReferences } from "./checks/references.ts";
import { listWaiting, YOUNG_MS } from "./checks/waiting.ts";
import { Findings } from "./findings.ts";
import type { Check, Proof } from "./proof.ts";
import { readAllStreams } from "./read-streams.ts";
import { onSnapshot, type Snapshot } from "./snapshot.ts";
import { ExpectedDigests, readTableDigests } from "./table-digests.ts";

/** Two that share the snapshot, and one that sees what was committed since. */
const CONNECTIONS = 3;

export type ProofOptions = ({ readonly pool: Pool } | { readonly connectionString: string }) & {
  /** The provider's settlement report; without it the provider is not compared. */
  readonly acquirer?: SettlementSource | undefined;
  /** A sealed block that was kept elsewhere: it must still be what it was. */
  readonly head?: Head | undefined;
  /** Milliseconds since the Unix epoch. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds for which an operation may stay open with its command on the way. Default 15 minutes. */
  readonly youngMs?: number | undefined;
};

/**
 * Compares everything that must agree, on one snapshot, beside a running product or a stopped one. Writes nothing; reads
 * tables of any size in bounded memory. A pool that is given must have three free connections, directly to PostgreSQL.
 * @throws what the database throws when it cannot be read; wrong books are an answer, not an error
 */
export async function proveBooks(options: ProofOptions): Promise<Proof> {
  if ("pool" in options) return proveOn(options.pool, options);
  const { connectionString } = options;
  const pool = createPool({ connectionString, applicationName: "kassa-prove", max: CONNECTIONS });
  try {
    return await proveOn(pool, options);
  } finally {
    await pool.end();
  }
}

async function proveOn(pool: Pool, options: ProofOptions): Promise<Proof> {
  const nowMs = (options.now ?? Date.now)();
  const { acquirer } = options;
  const temporaryTable = acquirer === undefined ? undefined : SETTLEMENT_TABLE;
  return onSnapshot(pool, temporaryTable, async (reader, comparer) => {
    const [{ events, expected }, { digests, ledger, references }] = await both(
      foldStreams(reader),
      checkTables(comparer),
    );
    const same = events.broken.length === 0 && expected.equals(digests);
    const compared = same ? checksOf(expected) : await compareRows(reader, comparer);
    const chain = await checkChain(reader, comparer, options.head);
    const outbox = new Findings("outbox");
    await checkOutbox(comparer, outbox, events.versions);
    const provider = acquirer === undefined ? undefined : await checkProvider(comparer, pool, acquirer);
    const inFlight = provider?.inFlight ?? new Map<string, string>();
    const { waiting, total } = await listWaiting(reader, outbox, inFlight, {
      nowMs,
      youngMs: options.youngMs ?? YOUNG_MS,
    });
    const checks = [events.end(), ...compared, ledger, chain.check, outbox.check(), provider?.check, references];
    return proofOf(
      checks.filter((check) => check !== undefined),
      {
        at: new Date(nowMs).toISOString(),
        waiting,
        waiting_total: total,
        head: chain.head,
      },
    );
  });
}

/** What must be: one pass over all events serves the three checks that fold them. */
async function foldStreams(reader: Snapshot): Promise<{ events: EventsCheck; expected: ExpectedDigests }> {
  const events = new EventsCheck();
  const expected = new ExpectedDigests();
  for await (const streams of readAllStreams(reader)) expected.add(events.sift(streams));
  return { events, expected };
}

/** What PostgreSQL does by itself meanwhile. */
async function checkTables(comparer: Snapshot) {
  const digests = await readTableDigests(comparer);
  const ledger = await checkLedger(comparer);
  return { digests, ledger, references: await checkReferences(comparer) };
}

/** Both results. When one fails the other ends first, so that nobody uses a connection that was given back. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

function checksOf(expected: ExpectedDigests): Check[] {
  const projections = new Findings("projections");
  projections.compare(expected.rows("payments", "operations", "refunds"));
  const postings = new Findings("postings");
  postings.compare(expected.rows("ledger_transfers"));
  return [projections.check(), postings.check()];
}

/** Row by row, which takes several times as long: finds which rows are wrong, or that only their text is another. */
async function compareRows(reader: Snapshot, comparer: Snapshot): Promise<Check[]> {
  const events = new EventsCheck();
  const projections = new ProjectionsCheck(comparer);
  const postings = new PostingsCheck(comparer);
  for await (const streams of readAllStreams(reader)) {
    const sound = events.sift(streams);
    await projections.compare(sound);
    await postings.compare(sound);
  }
  return [await projections.end(events.broken), await postings.end(events.broken)];
}

function proofOf(checks: readonly Check[], rest: Pick<Proof, "at" | "waiting" | "waiting_total" | "head">): Proof {
  const failed = checks.filter(({ ok }) => !ok);
  const ok = failed.length === 0;
  const faults = failed.reduce((sum, { faults_total }) => sum + faults_total, 0);
  const verdict = ok
    ? "The books are right"
    : `The books are wrong: ${faults} ${faults === 1 ? "fault" : "faults"} in ${failed.map(({ name }) => name).join(", ")}`;
  const compared = checks.reduce((sum, check) => sum + check.compared, 0);
  const unchecked = checks.some(({ name }) => name === "provider") ? "" : "; the provider was not asked";
  const summary = `${verdict}. ${compared} things compared, ${rest.waiting_total} waiting${unchecked}.`;
  return { ok, checks, ...rest, summary };
}
