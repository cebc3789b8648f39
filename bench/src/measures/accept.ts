import { type ExpressFloor, startExpressFloor } from "../floors/express-floor.ts";
import { type BenchDatabase, queryOnce, startDatabase } from "../installation/database.ts";
import { type Product, startProduct } from "../installation/product.ts";
import { LoadGenerator } from "../load/load-generator.ts";
import type { LoadJob, LoadResult } from "../load/load-job.ts";
import { type Measure, measure, median, rounded } from "../measure.ts";
import type { BenchOptions } from "../options.ts";
import { tell } from "../progress.ts";
import { CONNECTIONS, paymentLoad, payOnce } from "./payment-load.ts";

const LATENCY_SHARE = 0.7;
const BARE = "the same JSON through a bare Express 5 route";
const INSERTING = "the same route with one INSERT a request through a pool of 64";

type Target = { readonly name: string; readonly port: number; readonly apiKey: string };
type Targets = { readonly kassa: Target; readonly bare: Target; readonly inserting: Target };
type Rounds = Readonly<Record<keyof Targets, number[]>>;

/** Durable POST /v1/payments: as many as go, and the latency at 70 % of that. */
export async function measureAccept(options: BenchOptions): Promise<Measure[]> {
  await using database = await startDatabase(options.dir);
  await using product = await startProduct({
    database,
    shape: "api",
    suffix: "accept",
    profileDir: options.profileDir,
  });
  const answer = await payOnce(product);
  await using bare = await startExpressFloor(database, answer, { stores: false });
  await using inserting = await startExpressFloor(database, answer, { stores: true });
  await using generator = new LoadGenerator();
  const { apiKey } = product;
  const bench = new AcceptBench(generator, options, {
    kassa: { name: "kassa", port: product.apiPort, apiKey },
    bare: { name: "express", port: bare.port, apiKey },
    inserting: { name: "express + insert", port: inserting.port, apiKey },
  });
  const rounds = await bench.rounds();
  const measures = [...throughputs(rounds), ...(await bench.latencies(median(rounds.kassa)))];
  await assertStored(database, product, inserting, bench.answered);
  return measures;
}

function throughputs({ kassa, bare, inserting }: Rounds): Measure[] {
  const value = [median(kassa), "payments/s"] as const;
  const details = { connections: CONNECTIONS, rounds: kassa.map(rounded).join("/") };
  return [
    measure("accept.throughput", value, [BARE, median(bare)], {
      aim: "ratio >= 0.5",
      details: { ...details, floor_rounds: bare.map(rounded).join("/") },
    }),
    measure("accept.throughput.vs_insert", value, [INSERTING, median(inserting)], {
      aim: "ratio >= 2",
      details: { ...details, floor_rounds: inserting.map(rounded).join("/") },
    }),
  ];
}

class AcceptBench {
  /** 202s by target, whatever they were for. */
  readonly answered = { kassa: 0, bare: 0, inserting: 0 };
  readonly #generator: LoadGenerator;
  readonly #options: BenchOptions;
  readonly #targets: Targets;

  constructor(generator: LoadGenerator, options: BenchOptions, targets: Targets) {
    this.#generator = generator;
    this.#options = options;
    this.#targets = targets;
  }

  async rounds(): Promise<Rounds> {
    const { rounds, warmUpS, acceptS } = this.#options.figures;
    const found: Rounds = { kassa: [], bare: [], inserting: [] };
    const names = ["bare", "inserting", "kassa"] as const;
    for (const name of names) await this.#run(name, { kind: "closed" }, warmUpS);
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) {
        const { perS } = await this.#run(name, { kind: "closed" }, acceptS);
        found[name].push(perS);
        tell(`accept round ${round + 1}: ${this.#targets[name].name} ${perS.toFixed(0)}/s`);
      }
    }
    return found;
  }

  async latencies(maximumPerS: number): Promise<Measure[]> {
    const { rounds, latencyS } = this.#options.figures;
    const ratePerS = Math.round(maximumPerS * LATENCY_SHARE);
    const found: Record<"kassa" | "bare", LoadResult[]> = { kassa: [], bare: [] };
    for (let round = 0; round < Math.min(2, rounds); round += 1) {
      for (const name of ["bare", "kassa"] as const) {
        const result = await this.#run(name, { kind: "open", ratePerS }, latencyS);
        found[name].push(result);
        tell(`accept at ${ratePerS}/s: ${this.#targets[name].name} ${JSON.stringify(result.latencyMs)}`);
      }
    }
    const of = (name: "kassa" | "bare", part: "p50" | "p99") => median(found[name].map((r) => r.latencyMs[part]));
    const floorName = `${BARE}, at the same rate`;
    const details = { rate_per_s: ratePerS, max_ms: rounded(Math.max(...found.kassa.map((r) => r.latencyMs.max))) };
    return (["p50", "p99"] as const).map((part) =>
      measure(`accept.latency_${part}`, [of("kassa", part), "ms"], [floorName, of("bare", part)], {
        details,
        ...(part === "p99" ? { aim: "value <= 50" as const } : {}),
      }),
    );
  }

  async #run(name: keyof Targets, pace: LoadJob["pace"], durationS: number): Promise<LoadResult> {
    const result = await this.#generator.run(paymentLoad(this.#targets[name], pace, durationS), 202);
    this.answered[name] += result.sent;
    return result;
  }
}

const STORED = `
  select (select count(*) from payments) as payments, (select count(*) from events) as events,
    (select count(*) from idempotency_keys) as keys, (select count(*) from outbox) as outbox`;

/** What was answered is stored, once: nothing lost, nothing doubled. */
async function assertStored(
  database: BenchDatabase,
  product: Product,
  inserting: ExpressFloor,
  answered: Readonly<Record<keyof Targets, number>>,
): Promise<void> {
  const expected = answered.kassa + 1; // and the first payment, whose answer the floors repeat
  const [stored = {}] = await queryOnce<Record<string, string>>(product.databaseUrl, STORED);
  for (const [table, count] of Object.entries(stored)) {
    if (Number(count) !== expected)
      throw new Error(`${expected} payments were accepted, but ${table} holds ${count} rows`);
  }
  const rows = await inserting.rows();
  if (rows !== answered.inserting) throw new Error(`the floor answered ${answered.inserting} and stored ${rows}`);
  tell(`accept: ${expected} answers with 202, as many rows; server log in ${database.folder}`);
}
