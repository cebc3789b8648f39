import { type ExpressFloor, startExpressFloor } from "../floors/express-floor.ts";
import { CpuMeter } from "../installation/cpu-meter.ts";
import { type BenchDatabase, queryOnce, startDatabase } from "../installation/database.ts";
import { type Product, startProduct } from "../installation/product.ts";
import { LoadGenerator } from "../load/load-generator.ts";
import type { LoadJob, LoadResult } from "../load/load-job.ts";
import { type Aim, type Measure, measure, median, rounded } from "../measure.ts";
import type { BenchOptions } from "../options.ts";
import { tell } from "../progress.ts";
import { CONNECTIONS, paymentLoad, payOnce } from "./payment-load.ts";

const LATENCY_SHARE = 0.7;
const BARE = "the same JSON through a bare Express 5 route";
const INSERTING = "the same route with one INSERT a request through a pool of 64";

type Target = { readonly name: string; readonly port: number; readonly apiKey: string; readonly pid: number };
type Targets = { readonly kassa: Target; readonly bare: Target; readonly inserting: Target };
type Round = { readonly perS: number; readonly serverUs: number; readonly postgresUs: number };
type Rounds = Readonly<Record<keyof Targets, Round[]>>;

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
  const api = product.programs.find(({ name }) => name === "transactions-api");
  const bench = new AcceptBench(generator, options, database.postgres.pid, {
    kassa: { name: "kassa", port: product.apiPort, apiKey, pid: api?.pid ?? 0 },
    bare: { name: "express", port: bare.port, apiKey, pid: bare.pid },
    inserting: { name: "express + insert", port: inserting.port, apiKey, pid: inserting.pid },
  });
  const rounds = await bench.rounds();
  const measures = [...throughputs(rounds), ...(await bench.latencies(medianPerS(rounds.kassa)))];
  await assertStored(database, product, inserting, bench.answered);
  return measures;
}

function throughputs({ kassa, bare, inserting }: Rounds): Measure[] {
  const value = [medianPerS(kassa), "payments/s"] as const;
  const beside = (name: string, floorName: string, floor: readonly Round[], aim: Aim) =>
    measure(name, value, [floorName, medianPerS(floor)], {
      aim,
      details: { connections: CONNECTIONS, ...describeRounds("", kassa), ...describeRounds("floor_", floor) },
    });
  return [
    beside("accept.throughput", BARE, bare, "ratio >= 0.5"),
    beside("accept.throughput.vs_insert", INSERTING, inserting, "ratio >= 2"),
  ];
}

function medianPerS(rounds: readonly Round[]): number {
  return median(rounds.map(({ perS }) => perS));
}

/** CPU microseconds of one request, in the server's process and in PostgreSQL, tell more than rates on a machine that is not calm. */
function describeRounds(prefix: string, rounds: readonly Round[]): Record<string, number | string> {
  return {
    [`${prefix}rounds`]: rounds.map(({ perS }) => rounded(perS)).join("/"),
    [`${prefix}server_cpu_us`]: rounded(median(rounds.map(({ serverUs }) => serverUs))),
    [`${prefix}postgres_cpu_us`]: rounded(median(rounds.map(({ postgresUs }) => postgresUs))),
  };
}

class AcceptBench {
  /** 202s by target, whatever they were for. */
  readonly answered = { kassa: 0, bare: 0, inserting: 0 };
  readonly #generator: LoadGenerator;
  readonly #options: BenchOptions;
  readonly #postmaster: number;
  readonly #targets: Targets;

  constructor(generator: LoadGenerator, options: BenchOptions, postmaster: number, targets: Targets) {
    this.#generator = generator;
    this.#options = options;
    this.#postmaster = postmaster;
    this.#targets = targets;
  }

  async rounds(): Promise<Rounds> {
    const { rounds, warmUpS, acceptS } = this.#options.figures;
    const found: Rounds = { kassa: [], bare: [], inserting: [] };
    const names = ["bare", "inserting", "kassa"] as const;
    for (const name of names) await this.#run(name, { kind: "closed" }, warmUpS);
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) {
        const { name: target, pid } = this.#targets[name];
        const meter = new CpuMeter([{ name: "server", pid }], this.#postmaster);
        const { perS, sent } = await this.#run(name, { kind: "closed" }, acceptS);
        const cpuUs = (part: string) => ((meter.used().get(part) ?? 0) * 1e6) / sent;
        const figures = { perS, serverUs: cpuUs("server"), postgresUs: cpuUs("postgres") };
        found[name].push(figures);
        tell(
          `accept round ${round + 1}: ${target} ${perS.toFixed(0)}/s, ${figures.serverUs.toFixed(0)} µs of CPU each`,
        );
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
