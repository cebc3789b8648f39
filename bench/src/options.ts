import { parseArgs } from "node:util";

const measureGroups = ["accept", "life", "ledger"] as const;
type MeasureGroup = (typeof measureGroups)[number];

export type BenchOptions = {
  readonly format: "table" | "json" | "markdown";
  readonly groups: ReadonlySet<MeasureGroup>;
  readonly figures: BenchFigures;
  /** The shapes of the product whose life is measured. */
  readonly variants: readonly LifeVariant[];
  /** Payments to store before accept and fetch are measured again; 0: not at all. */
  readonly grow: number;
  /** Minutes for which memory is watched under load; 0: not at all. */
  readonly soakMinutes: number;
  /** Payments/s to offer for life and the soak; 0: found out. */
  readonly ratePerS: number;
  /** Where CPU profiles of the transactions processes go. */
  readonly profileDir: string | undefined;
  /** Where the data folders are made; it must be on a real disk. */
  readonly dir: string | undefined;
};

/** How long everything takes: what ends in S is in seconds. */
export type BenchFigures = {
  readonly rounds: number;
  readonly warmUpS: number;
  readonly acceptS: number;
  readonly latencyS: number;
  readonly lifeSearchS: number;
  readonly lifeWindowS: number;
  /** Rates that are tried for as long, each in a window of its own. */
  readonly lifeWindows: number;
  readonly lifeFloorS: number;
  readonly ledgerS: number;
  readonly accounts: number;
};

/** together: all in one process, as `kassa start`. apart: api, worker with relay, fraud. kafka: each role alone, on Kafka. */
export const lifeVariants = ["together", "apart", "kafka"] as const;
export type LifeVariant = (typeof lifeVariants)[number];

const full: BenchFigures = {
  rounds: 5,
  warmUpS: 5,
  acceptS: 10,
  latencyS: 20,
  lifeSearchS: 30,
  lifeWindowS: 60,
  lifeWindows: 4,
  lifeFloorS: 10,
  ledgerS: 10,
  accounts: 100_000,
};

const quick: BenchFigures = {
  rounds: 3,
  warmUpS: 4,
  acceptS: 2,
  latencyS: 3,
  lifeSearchS: 8,
  lifeWindowS: 8,
  lifeWindows: 2,
  lifeFloorS: 2,
  ledgerS: 1,
  accounts: 100_000,
};

/** Says that the harness works, nothing more. */
const miniature: BenchFigures = {
  rounds: 1,
  warmUpS: 0.3,
  acceptS: 0.5,
  latencyS: 0.5,
  lifeSearchS: 2,
  lifeWindowS: 2,
  lifeWindows: 1,
  lifeFloorS: 0.5,
  ledgerS: 1,
  accounts: 1_000,
};

/** @throws Error with a sentence when the arguments make no sense */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      miniature: { type: "boolean", default: false },
      only: { type: "string", default: measureGroups.join(",") },
      variant: { type: "string", default: "together,apart" },
      kafka: { type: "boolean", default: false },
      grow: { type: "string", default: "0" },
      soak: { type: "string", default: "0" },
      rate: { type: "string", default: "0" },
      profile: { type: "string" },
      dir: { type: "string" },
    },
  });
  const figures = values.miniature ? miniature : values.quick ? quick : full;
  const variants = names(values.variant, lifeVariants, "--variant");
  return {
    format: values.json ? "json" : values.markdown ? "markdown" : "table",
    groups: new Set(names(values.only, measureGroups, "--only")),
    figures,
    variants: values.kafka && !variants.includes("kafka") ? [...variants, "kafka"] : variants,
    grow: count(values.grow, "--grow"),
    soakMinutes: count(values.soak, "--soak"),
    ratePerS: count(values.rate, "--rate"),
    profileDir: values.profile,
    dir: values.dir,
  };
}

function names<Name extends string>(text: string, known: readonly Name[], option: string): Name[] {
  return text.split(",").map((name) => {
    const found = known.find((candidate) => candidate === name.trim());
    if (found === undefined) throw new Error(`${option} takes ${known.join(", ")}; ${name} is none of them`);
    return found;
  });
}

function count(text: string, option: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isFinite(value) || value < 0) throw new Error(`${option} takes a number, not ${text}`);
  return value;
}
