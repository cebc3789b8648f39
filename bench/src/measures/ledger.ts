import { Pgbench, type Spread } from "../floors/pgbench.ts";
import { startDatabase } from "../installation/database.ts";
import { type Measure, measure, median, rounded } from "../measure.ts";
import type { BenchOptions } from "../options.ts";
import { tell } from "../progress.ts";
import { LedgerBook } from "./ledger-book.ts";

const THREE = "pgbench: two updates and an insert, three statements a transaction, 16 clients";
const ONE = "pgbench: the same as one statement, 16 clients";

const SPREADS = ["uniform", "hot"] as const;
type Figures = { readonly kassa: number[]; readonly three: number[]; readonly one: number[] };

/** Transfers/s through post_transfers, over many accounts and with one hot account, beside pgbench on the same server. */
export async function measureLedger({ dir, figures }: BenchOptions): Promise<Measure[]> {
  const { accounts, rounds, ledgerS } = figures;
  await using database = await startDatabase(dir);
  const pgbench = await Pgbench.prepare(database, accounts);
  await using book = await LedgerBook.open(database, accounts);
  await book.run("uniform", ledgerS / 2);
  const found: Record<Spread, Figures> = {
    uniform: { kassa: [], three: [], one: [] },
    hot: { kassa: [], three: [], one: [] },
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const spread of SPREADS) {
      found[spread].three.push(await pgbench.run("three", spread, ledgerS));
      found[spread].kassa.push(await book.run(spread, ledgerS));
      found[spread].one.push(await pgbench.run("one", spread, ledgerS));
      const figuresOfRound = Object.entries(found[spread]).map(([name, of]) => `${name} ${of.at(-1)?.toFixed(0)}`);
      tell(`ledger round ${round + 1}, ${spread}: ${figuresOfRound.join(", ")}`);
    }
  }
  await book.assertBalanced();
  const hotBesideUniform = measure(
    "ledger.transfers.hot.vs_uniform",
    [median(found.hot.kassa), "transfers/s"],
    ["the same over all accounts", median(found.uniform.kassa)],
    { aim: "ratio >= 1" },
  );
  return [...SPREADS.flatMap((spread) => besidePgbench(spread, found[spread], book)), hotBesideUniform];
}

function besidePgbench(spread: Spread, { kassa, three, one }: Figures, book: LedgerBook): Measure[] {
  const value = [median(kassa), "transfers/s"] as const;
  const details = { ...book.details, rounds: kassa.map(rounded).join("/") };
  return [
    measure(`ledger.transfers.${spread}`, value, [`${THREE}, ${spread}`, median(three)], {
      aim: "ratio >= 5",
      details: { ...details, floor_rounds: three.map(rounded).join("/") },
    }),
    measure(`ledger.transfers.${spread}.vs_statement`, value, [`${ONE}, ${spread}`, median(one)], {
      aim: "ratio >= 2",
      details: { floor_rounds: one.map(rounded).join("/") },
    }),
  ];
}
