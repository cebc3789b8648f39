import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Uuid } from "@kassa/kernel/id";
import type { Pool, PoolClient } from "@kassa/platform/postgres";
import type { TestDatabase } from "@kassa/testing/postgres";
import fc from "fast-check";
import { createDatabase, NOW_MS, newId, openPool } from "./fixture.ts";
import { LedgerModel, type ModelAccount, type ModelTransfer } from "./ledger-model.ts";

let database: TestDatabase;
let pool: Pool;

before(async () => {
  database = await createDatabase();
  pool = openPool(database);
});

after(async () => {
  await pool.end();
  await database.drop();
});

/** The accounts of every story: merchants have a floor, providers none; number 4 holds another currency, 5 is not there. */
const opening: readonly ModelAccount[] = [
  { currency: "EUR", floor: undefined, debits: 0n, credits: 0n, held: 0n },
  { currency: "EUR", floor: 0n, debits: 0n, credits: 0n, held: 0n },
  { currency: "EUR", floor: 0n, debits: 0n, credits: 0n, held: 0n },
  { currency: "EUR", floor: -500n, debits: 0n, credits: 0n, held: 0n },
  { currency: "USD", floor: undefined, debits: 0n, credits: 0n, held: 0n },
];
const MISSING = 5;
const IDS = 40;

/** A transfer by numbers: of its account, its id and the hold it means. */
type Drawn = Omit<ModelTransfer, "id" | "hold"> & { readonly id: number; readonly hold: number | undefined };

const amounts = fc.oneof(fc.constantFrom(1n, 100n), fc.bigInt(1n, 300n));
const accounts = fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constantFrom(4, MISSING) });
const ids = fc.nat(IDS - 1);
const items = fc.nat(20);

/** Money comes in from the provider: a hot account on the debit side. */
const income = fc.record({
  item: items,
  id: ids,
  kind: fc.constant("post" as const),
  hold: fc.constant(undefined),
  debit: fc.constant(0),
  credit: fc.integer({ min: 1, max: 3 }),
  amount: amounts,
});
const anyMove = fc
  .record({
    item: items,
    id: ids,
    kind: fc.constantFrom("post" as const, "hold" as const),
    hold: fc.constant(undefined),
    debit: accounts,
    credit: accounts,
    amount: amounts,
  })
  .filter(({ debit, credit }) => debit !== credit);
const anyEnd = fc.record({
  item: items,
  id: ids,
  kind: fc.constantFrom("settle" as const, "release" as const),
  hold: ids,
  debit: fc.integer({ min: 1, max: 3 }),
  credit: fc.constant(0),
  amount: amounts,
});

const anyBatch: fc.Arbitrary<Drawn[]> = fc.oneof(
  fc.array(income, { minLength: 1, maxLength: 10 }),
  fc.array(fc.oneof(income, anyMove), { minLength: 1, maxLength: 12 }),
  fc.array(fc.oneof(income, anyMove, anyEnd), { minLength: 1, maxLength: 12 }),
);

/** Now and then one of a batch's transfers comes once more. */
const batches = fc.tuple(anyBatch, fc.nat(2)).map(([batch, again]) => {
  const repeated = again === 0 ? batch.at(-1) : undefined;
  return repeated === undefined ? batch : [...batch, { ...repeated, item: 50 }];
});

/** One story's accounts, and the ids that its numbers stand for. */
class Ledger {
  readonly model: LedgerModel;
  readonly #numbers: readonly bigint[];
  readonly #ids = Array.from({ length: IDS }, () => newId());
  readonly #owner = newId();
  /** What was drawn for each hold, so that most ends of holds name their account and amount. */
  readonly #holds = new Map<number, { debit: number; amount: bigint }>();

  constructor(numbers: readonly bigint[]) {
    this.#numbers = numbers;
    this.model = new LedgerModel(new Map(opening.map((account, number) => [number, account])));
  }

  static async open(): Promise<Ledger> {
    const { rows } = await pool.query<{ id: bigint }>(
      `insert into ledger_accounts (merchant_id, kind, party, currency, created_at)
       select $1, 'merchant', n::text, c, now() from unnest($2::text[]) with ordinality as a (c, n) order by n returning id`,
      [newId(), opening.map(({ currency }) => currency)],
    );
    const numbers = rows.map(({ id }) => id);
    await pool.query(
      "insert into ledger_balances (account_id, currency, floor) select * from unnest($1::bigint[], $2::text[], $3::bigint[])",
      [numbers, opening.map(({ currency }) => currency), opening.map(({ floor }) => floor ?? null)],
    );
    return new Ledger(numbers);
  }

  transfersOf(drawn: readonly Drawn[]): ModelTransfer[] {
    return drawn.map((each) => {
      const hold = each.hold === undefined ? undefined : this.#holds.get(each.hold);
      if (each.kind === "hold") this.#holds.set(each.id, { debit: each.debit, amount: each.amount });
      const meant = hold === undefined || each.item === 0 ? each : { ...each, ...hold, credit: 0 };
      const ids = { id: this.#ids[each.id] as Uuid, hold: each.hold === undefined ? undefined : this.#ids[each.hold] };
      return meant.debit === meant.credit ? { ...meant, ...ids, credit: 2 - meant.debit } : { ...meant, ...ids };
    });
  }

  /** One result a transfer, as the model tells them. */
  async post(client: Pool | PoolClient, transfers: readonly ModelTransfer[]): Promise<string[]> {
    const { rows } = await client.query<{ place: number; result: string }>(
      "select place, result from post_transfers($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      this.#arrays(transfers),
    );
    const results = transfers.map(() => "ok");
    for (const { place, result } of rows) results[place - 1] = result;
    return results;
  }

  async balances(client: Pool | PoolClient): Promise<Map<number, ModelAccount>> {
    const { rows } = await client.query(
      "select * from ledger_balances where account_id = any ($1) order by account_id",
      [this.#numbers],
    );
    return new Map(
      rows.map(({ currency, floor, debits, credits, held }, number) => [
        number,
        { currency, floor: floor ?? undefined, debits, credits, held },
      ]),
    );
  }

  async openHolds(client: Pool | PoolClient): Promise<Set<string>> {
    const { rows } = await client.query("select id from ledger_holds where account_id = any ($1)", [this.#numbers]);
    return new Set(rows.map(({ id }) => id));
  }

  #arrays(transfers: readonly ModelTransfer[]): unknown[] {
    const number = (account: number) => this.#numbers[account] ?? -1n;
    return [
      transfers.map(({ item }) => item),
      transfers.map(({ id }) => id),
      transfers.map(({ kind }) => kind),
      transfers.map(({ hold }) => hold ?? null),
      transfers.map(({ debit }) => number(debit)),
      transfers.map(({ credit }) => number(credit)),
      transfers.map(({ amount }) => amount),
      transfers.map(() => this.#owner),
      transfers.map(() => this.#owner),
      transfers.map(() => new Date(NOW_MS).toISOString()),
    ];
  }
}

function assertSound(balances: ReadonlyMap<number, ModelAccount>): void {
  let [debits, credits] = [0n, 0n];
  for (const { floor, ...account } of balances.values()) {
    if (floor !== undefined) assert.ok(account.credits - account.debits - account.held >= floor, "available >= floor");
    debits += account.debits;
    credits += account.credits;
  }
  assert.equal(debits, credits, "debits = credits");
}

test("whatever is posted in whatever batches, every result and every balance is the model's", async (t) => {
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(fc.array(batches, { minLength: 1, maxLength: 8 }), async (story) => {
      const ledger = await Ledger.open();
      for (const drawn of story) {
        const transfers = ledger.transfersOf(drawn);
        count(ledger.model.isWhole(transfers) ? "as one set" : "item by item");
        const expected = ledger.model.post(transfers);
        assert.deepEqual(await ledger.post(pool, transfers), expected);
        for (const result of expected) count(result);
        const balances = await ledger.balances(pool);
        assert.deepEqual(balances, ledger.model.accounts);
        assertSound(balances);
      }
      assert.deepEqual(await ledger.openHolds(pool), ledger.model.openHolds);
    }),
    { numRuns: 150 },
  );
  t.diagnostic(JSON.stringify(Object.fromEntries(seen)));
  const expected = ["ok", "exists", "exists_different", "insufficient_funds", "account_not_found", "currency_mismatch"];
  for (const what of [...expected, "hold_not_open", "linked", "as one set", "item by item"]) {
    assert.ok((seen.get(what) ?? 0) > 10, `hardly any ${what}`);
  }
});

test("a batch that may be posted as one set gives the same results, balances and holds item by item", async () => {
  let compared = 0;
  const client = await pool.connect();
  await fc.assert(
    fc.asyncProperty(fc.array(batches, { minLength: 2, maxLength: 5 }), async (story) => {
      const ledger = await Ledger.open();
      const tried = async (transfers: readonly ModelTransfer[]) => {
        await client.query("begin");
        const results = await ledger.post(client, transfers);
        const after = { balances: await ledger.balances(client), holds: await ledger.openHolds(client) };
        await client.query("rollback");
        return { results, after };
      };
      for (const drawn of story) {
        const transfers = ledger.transfersOf(drawn);
        const last = transfers.at(-1);
        if (last !== undefined && ledger.model.isWhole(transfers)) {
          compared += 1;
          const asSet = await tried(transfers);
          // A duplicate at the end forces the other way and changes nothing.
          const oneByOne = await tried([...transfers, { ...last, item: 99 }]);
          assert.deepEqual(oneByOne.after, asSet.after);
          assert.deepEqual(oneByOne.results, [...asSet.results, "exists"]);
        }
        ledger.model.post(transfers);
        await ledger.post(pool, transfers);
      }
    }),
    { numRuns: 60 },
  );
  client.release();
  assert.ok(compared > 5, `${compared} batches compared`);
});
