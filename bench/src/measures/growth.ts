import { publicId, type Uuid } from "@kassa/kernel/id";
import { queryOnce, startDatabase } from "../installation/database.ts";
import { type Product, startProduct } from "../installation/product.ts";
import { LoadGenerator } from "../load/load-generator.ts";
import type { LoadJob } from "../load/load-job.ts";
import { type Measure, measure, median, rounded } from "../measure.ts";
import type { BenchFigures, BenchOptions } from "../options.ts";
import { tell } from "../progress.ts";
import { CONNECTIONS, paymentLoad, payOnce } from "./payment-load.ts";
import { seedPayments } from "./seed-payments.ts";

const FETCHED = 20_000;
/** 1.3 times the cost is 1/1.3 of the throughput. */
const AIM = "ratio >= 0.77";

const SAMPLE = "select id from payments where random() < $1::float8 / (select count(*) from payments) limit $2";

type Store = { readonly product: Product; readonly accept: number[]; readonly fetch: number[] };

/** Accepting and fetching with many payments stored beside an almost empty store, round by round on the same server. */
export async function measureGrowth(options: BenchOptions): Promise<Measure[]> {
  const { figures, grow, profileDir } = options;
  await using database = await startDatabase(options.dir);
  await using empty = await startProduct({ database, shape: "api", suffix: "empty" });
  await using grown = await startProduct({ database, shape: "api", suffix: "grown", profileDir });
  await using generator = new LoadGenerator();
  for (const product of [empty, grown]) await payOnce(product);
  await seedPayments(grown, grow);
  const stores: Record<"empty" | "grown", Store> = {
    empty: { product: empty, accept: [], fetch: [] },
    grown: { product: grown, accept: [], fetch: [] },
  };
  for (const { product } of Object.values(stores)) await generator.run(acceptJob(product, figures.warmUpS), 202);
  await runRounds(generator, stores, figures);
  const floorName = "the same on an almost empty store";
  return (["accept", "fetch"] as const).map((what) =>
    measure(
      `accept.grown.${what}`,
      [median(stores.grown[what]), what === "accept" ? "payments/s" : "fetches/s"],
      [floorName, median(stores.empty[what])],
      { aim: AIM, details: { stored: grow, rounds: stores.grown[what].map(rounded).join("/") } },
    ),
  );
}

async function runRounds(
  generator: LoadGenerator,
  stores: Readonly<Record<"empty" | "grown", Store>>,
  { rounds, acceptS }: BenchFigures,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, { product, accept, fetch }] of Object.entries(stores)) {
      accept.push((await generator.run(acceptJob(product, acceptS), 202)).perS);
      fetch.push((await generator.run(await fetchJob(product, acceptS), 200)).perS);
      tell(
        `growth round ${round + 1}, ${name}: accept ${accept.at(-1)?.toFixed(0)}/s, fetch ${fetch.at(-1)?.toFixed(0)}/s`,
      );
    }
  }
}

function acceptJob({ apiPort, apiKey }: Product, seconds: number): LoadJob {
  return paymentLoad({ port: apiPort, apiKey }, { kind: "closed" }, seconds);
}

async function fetchJob({ apiPort, apiKey, databaseUrl }: Product, seconds: number): Promise<LoadJob> {
  const rows = await queryOnce<{ id: Uuid }>(databaseUrl, SAMPLE, [FETCHED * 1.2, FETCHED]);
  const paths = rows.map(({ id }) => `/v1/payments/${publicId("payment", id)}`);
  const request = { kind: "get", paths, apiKey } as const;
  return { port: apiPort, connections: CONNECTIONS, request, pace: { kind: "closed" }, durationMs: seconds * 1000 };
}
