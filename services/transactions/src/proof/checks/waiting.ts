import { publicId, type Uuid } from "@kassa/kernel/id";
import type { Findings } from "../findings.ts";
import { MAX_WAITING, type Waiting } from "../proof.ts";
import type { Snapshot } from "../snapshot.ts";

/** Default of `youngMs`: how long a command may be on its way to a worker. 15 minutes. */
export const YOUNG_MS = 15 * 60_000;

// Open operations, and payments that are not at their end though none of their operations is open.
const UNSETTLED = `
  with open as (
    select payment_id, id as operation_id, kind, outcome, reason, started_at as since
    from operations where outcome in ('pending', 'unknown')
  ), unsettled as (
    select payment_id, operation_id, kind, outcome, reason, since, null as status from open
    union all
    select id, null, 'payment', null, null, updated_at, status from payments
    where status in ('new', 'processing', 'authorized') and not exists (select 1 from open where open.payment_id = payments.id)
  )
  select u.*, r.due_at as look_at, e.due_at as expires_at, c.stream_id is not null as has_command
  from unsettled u
  left join timers r on r.payment_id = u.payment_id and r.kind = 'resolve'
  left join timers e on e.payment_id = u.payment_id and e.kind = 'expire'
  left join (select distinct stream_id from outbox where command is not null) c on c.stream_id = u.payment_id
  order by u.since, u.payment_id, u.operation_id`;

type Unsettled = {
  readonly payment_id: Uuid;
  readonly operation_id: Uuid | null;
  readonly kind: Waiting["kind"];
  readonly outcome: "pending" | "unknown" | null;
  readonly reason: string | null;
  readonly since: Date;
  readonly status: "new" | "processing" | "authorized" | null;
  readonly look_at: Date | null;
  readonly expires_at: Date | null;
  readonly has_command: boolean;
};

export type WaitingList = { readonly waiting: readonly Waiting[]; readonly total: number };

/**
 * Everything that has not ended, the oldest first, with what will move it. What nothing will ever move is a fault.
 * @param inFlight operations that the provider has carried out already
 */
export async function listWaiting(
  snapshot: Snapshot,
  findings: Findings,
  inFlight: ReadonlyMap<string, string>,
  { nowMs, youngMs }: { readonly nowMs: number; readonly youngMs: number },
): Promise<WaitingList> {
  const waiting: Waiting[] = [];
  let total = 0;
  for await (const rows of snapshot.pages<Unsettled>(UNSETTLED)) {
    for (const row of rows) {
      total += 1;
      const young = nowMs - row.since.getTime() < youngMs;
      const reason = waitsFor(row, young);
      if (reason === undefined) reportStuck(findings, row);
      if (waiting.length < MAX_WAITING) waiting.push(entryOf(row, reason ?? "nothing: see the faults", inFlight));
    }
  }
  return { waiting, total };
}

/** What will move it; undefined when nothing will. */
function waitsFor(row: Unsettled, young: boolean): string | undefined {
  if (row.look_at !== null && row.operation_id !== null) {
    const why = row.reason === null ? "" : ` (${row.reason})`;
    return `the provider's outcome${why}: a webhook, or the next look at ${row.look_at.toISOString()}`;
  }
  if (row.expires_at !== null && row.status === "authorized") {
    return `a capture or cancel by the merchant until ${row.expires_at.toISOString()}`;
  }
  // No command moves what is authorized, or processing without an operation: only its timer would.
  if (row.operation_id === null && row.status !== "new") return undefined;
  if (row.has_command) return "the relay: its command waits in the outbox";
  if (young) return "a worker: its command was published";
  return row.status === "new" ? "a worker: its command was published, long ago" : undefined;
}

function reportStuck(findings: Findings, row: Unsettled): void {
  const id = row.operation_id === null ? publicId("payment", row.payment_id) : publicId("operation", row.operation_id);
  const found = `${row.outcome ?? row.status} since ${row.since.toISOString()}, without any of them`;
  findings.add("nothing_wakes_it", id, "a timer, a command in the outbox, or a young age", found);
}

function entryOf(row: Unsettled, reason: string, inFlight: ReadonlyMap<string, string>): Waiting {
  const moved = row.operation_id === null ? undefined : inFlight.get(row.operation_id);
  return {
    payment_id: publicId("payment", row.payment_id),
    operation_id: row.operation_id === null ? null : publicId("operation", row.operation_id),
    kind: row.kind,
    since: row.since.toISOString(),
    waits_for: moved === undefined ? reason : `${reason}; at the provider already: ${moved}`,
  };
}
