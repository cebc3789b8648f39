/** The ledger in memory, as simple as it can be said: what post_transfers must agree with. */

export type ModelAccount = {
  readonly currency: string;
  /** Undefined: may be overdrawn. */
  readonly floor: bigint | undefined;
  readonly debits: bigint;
  readonly credits: bigint;
  readonly held: bigint;
};

export type ModelTransfer = {
  /** Transfers next to each other with the same number stand or fall together. */
  readonly item: number;
  readonly id: string;
  readonly kind: "post" | "hold" | "settle" | "release";
  readonly hold: string | undefined;
  readonly debit: number;
  readonly credit: number;
  readonly amount: bigint;
};

type State = {
  readonly accounts: ReadonlyMap<number, ModelAccount>;
  readonly holds: ReadonlyMap<string, { readonly account: number; readonly amount: bigint }>;
  readonly transfers: ReadonlyMap<string, string>;
};

export class LedgerModel {
  #state: State;

  constructor(accounts: ReadonlyMap<number, ModelAccount>) {
    this.#state = { accounts, holds: new Map(), transfers: new Map() };
  }

  get accounts(): ReadonlyMap<number, ModelAccount> {
    return this.#state.accounts;
  }

  get openHolds(): ReadonlySet<string> {
    return new Set(this.#state.holds.keys());
  }

  /** One result a transfer, in order. */
  post(transfers: readonly ModelTransfer[]): string[] {
    return linked(transfers).flatMap((item) => this.#postItem(item));
  }

  /** True when the order of the batch cannot matter, so that it may be posted as one set. */
  isWhole(transfers: readonly ModelTransfer[]): boolean {
    const { accounts, transfers: known } = this.#state;
    const debits = new Map<number, bigint>();
    for (const { id, kind, debit, credit, amount } of transfers) {
      const [from, to] = [accounts.get(debit), accounts.get(credit)];
      if (known.has(id) || !["post", "hold"].includes(kind)) return false;
      if (from === undefined || to === undefined || from.currency !== to.currency) return false;
      debits.set(debit, (debits.get(debit) ?? 0n) + amount);
    }
    const fits = [...debits].every(([account, amount]) => covers(accounts.get(account), amount));
    return fits && new Set(transfers.map(({ id }) => id)).size === transfers.length;
  }

  #postItem(item: readonly ModelTransfer[]): string[] {
    let state = this.#state;
    const results: string[] = [];
    for (const transfer of item) {
      const next = postOne(state, transfer);
      if (typeof next === "string" && next !== "exists") {
        return item.map((_, place) => (place === results.length ? next : "linked"));
      }
      results.push(typeof next === "string" ? next : "ok");
      if (typeof next !== "string") state = next;
    }
    this.#state = state;
    return results;
  }
}

function linked(transfers: readonly ModelTransfer[]): ModelTransfer[][] {
  const items: ModelTransfer[][] = [];
  for (const transfer of transfers) {
    const last = items.at(-1);
    if (last?.[0]?.item === transfer.item) last.push(transfer);
    else items.push([transfer]);
  }
  return items;
}

/** The state after the transfer, or why it changes nothing. */
function postOne(state: State, transfer: ModelTransfer): State | string {
  const known = state.transfers.get(transfer.id);
  if (known !== undefined) return known === content(transfer) ? "exists" : "exists_different";
  const from = state.accounts.get(transfer.debit);
  const to = state.accounts.get(transfer.credit);
  if (from === undefined || to === undefined) return "account_not_found";
  if (from.currency !== to.currency) return "currency_mismatch";
  const holds = new Map(state.holds);
  if (transfer.hold === undefined) {
    if (!covers(from, transfer.amount)) return "insufficient_funds";
    if (transfer.kind === "hold") holds.set(transfer.id, { account: transfer.debit, amount: transfer.amount });
  } else {
    const hold = holds.get(transfer.hold);
    if (hold?.account !== transfer.debit || hold.amount !== transfer.amount) return "hold_not_open";
    holds.delete(transfer.hold);
  }
  const transfers = new Map(state.transfers).set(transfer.id, content(transfer));
  return { accounts: moved(state.accounts, transfer, from, to), holds, transfers };
}

function moved(
  accounts: State["accounts"],
  { kind, debit, credit, amount }: ModelTransfer,
  from: ModelAccount,
  to: ModelAccount,
): State["accounts"] {
  const held = { post: 0n, hold: amount, settle: -amount, release: -amount }[kind];
  const paid = kind === "post" || kind === "settle" ? amount : 0n;
  return new Map(accounts)
    .set(debit, { ...from, held: from.held + held, debits: from.debits + paid })
    .set(credit, { ...to, credits: to.credits + paid });
}

function covers(account: ModelAccount | undefined, amount: bigint): boolean {
  if (account === undefined) return false;
  const { floor, credits, debits, held } = account;
  return floor === undefined || credits - debits - held - amount >= floor;
}

function content({ kind, hold, debit, credit, amount }: ModelTransfer): string {
  return [kind, hold, debit, credit, amount].join("|");
}
