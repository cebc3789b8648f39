import Type, { type Static, type TInteger } from "typebox";
import { Value } from "typebox/value";

const figures = {
  timeoutMs: Type.Integer({
    minimum: 1,
    maximum: 30_000,
    default: 10_000,
    description: "the longest wait for one try",
  }),
  tries: Type.Integer({ minimum: 1, maximum: 10, default: 3, description: "tries of a call, the first one included" }),
  retryFirstMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 100, description: "pause before the second try" }),
  retryMaxMs: Type.Integer({
    minimum: 0,
    maximum: 60_000,
    default: 2_000,
    description: "longest pause between tries; each doubles the last",
  }),
  retryJitterMs: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    default: 100,
    description: "a pause is up to this much shorter or longer",
  }),
  breakerErrorPercent: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 50,
    description: "the breaker opens when more than this share of the window's tries failed",
  }),
  breakerVolume: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 20,
    description: "tries in the window below which it never opens",
  }),
  breakerResetMs: Type.Integer({
    minimum: 10,
    maximum: 600_000,
    default: 60_000,
    description: "time until an open breaker lets one try through",
  }),
  breakerWindowMs: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 10_000,
    description: "the rolling window, in ten buckets",
  }),
} satisfies Record<string, TInteger>;

const schema = Type.Object(figures);

/** The figures of an executor: each has its default and its bounds in the schema. */
export type ExecutorFigures = Static<typeof schema>;

/** What is not given takes its default. */
export function completeFigures(part: Partial<ExecutorFigures>): ExecutorFigures {
  return Value.Default(schema, { ...part }) as ExecutorFigures;
}

/** The variables of an executor for the schema of a configuration: `resilienceSettings("ACQUIRER")` -> ACQUIRER_TIMEOUT_MS, ACQUIRER_TRIES … */
export function resilienceSettings(prefix: string): Record<string, TInteger> {
  return Object.fromEntries(names.map((name) => [variableOf(prefix, name), figures[name]]));
}

/** The figures in a configuration that has `resilienceSettings(prefix)` in its schema. */
export function executorFigures(prefix: string, config: object): ExecutorFigures {
  const values = config as Readonly<Record<string, number | undefined>>;
  const part = Object.fromEntries(names.map((name) => [name, values[variableOf(prefix, name)]]));
  return completeFigures(part as Partial<ExecutorFigures>);
}

const names = Object.keys(figures) as (keyof typeof figures)[];

/** `ACQUIRER`, `retryFirstMs` -> `ACQUIRER_RETRY_FIRST_MS` */
function variableOf(prefix: string, name: string): string {
  return `${prefix}_${name.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}
