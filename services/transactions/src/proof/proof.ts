/** Every check of `kassa prove`, in the order in which they are shown. docs/proof.md tells what each compares. */
export const checkNames = [
  "events",
  "projections",
  "postings",
  "ledger",
  "chain",
  "outbox",
  "provider",
  "references",
] as const;

export type CheckName = (typeof checkNames)[number];

/** One thing that is not as it must be. */
export type Fault = {
  /** A stable word for the kind of fault, such as `row_differs`; docs/proof.md has them all. */
  readonly what: string;
  /** What is at fault: a public id (`pay_…`, `re_…`, `op_…`), a transfer's UUID, `account 7`, `block 3`. */
  readonly id: string;
  readonly expected: string;
  readonly found: string;
};

export type Check = {
  readonly name: CheckName;
  readonly ok: boolean;
  /** How many things were compared: events, rows, transfers, settlement lines. */
  readonly compared: number;
  readonly faults_total: number;
  /** The first of them; at most `MAX_FAULTS`. */
  readonly faults: readonly Fault[];
};

/** Something that has not ended yet, and what it waits for. */
export type Waiting = {
  readonly payment_id: string;
  readonly operation_id: string | null;
  /** Of the operation; `payment` where no operation is open. */
  readonly kind: "authorize" | "capture" | "void" | "refund" | "payment";
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly waits_for: string;
};

export type Proof = {
  readonly ok: boolean;
  /** When the snapshot was taken: RFC 3339, UTC. */
  readonly at: string;
  readonly checks: readonly Check[];
  /** The longest waiting ones; at most `MAX_WAITING`. */
  readonly waiting: readonly Waiting[];
  readonly waiting_total: number;
  /** The last sealed block as `block:hash`, to be kept elsewhere and given to a later proof; undefined before the first seal. */
  readonly head: string | undefined;
  /** One line for people. */
  readonly summary: string;
};

/** Faults that one check keeps; it goes on counting. */
export const MAX_FAULTS = 100;
/** Waiting payments and operations that a proof lists; it goes on counting. */
export const MAX_WAITING = 1_000;
