import { invariant } from "@kassa/kernel/assert";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/**
 * The metrics of this process. A metric is made where it is written and found again by its name, so that several services in one process
 * share it. Names are `kassa_…` and end with their unit: `_seconds`, `_bytes`, `_total` for counters.
 */
const registry = new Registry();

/** From 1 ms to 30 s: a request through a database at the lower end, the longest time-out at the upper. */
const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30];

const NAME = /^kassa_[a-z0-9]+(_[a-z0-9]+)*$/;

/** A counter; its name ends in `_total`. */
export function counter<L extends string = never>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
): Counter<L> {
  invariant(name.endsWith("_total"), `the counter ${name} must end in _total`);
  return (
    found(name, Counter, labelNames) ?? new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })
  );
}

/** A value that goes up and down. `collect` is called for each scrape and may set the value late. */
export function gauge<L extends string = never>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  collect?: (gauge: Gauge<L>) => void | Promise<void>,
): Gauge<L> {
  const known = found<Gauge<L>>(name, Gauge, labelNames);
  if (known !== undefined) return known;
  const made: Gauge<L> = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    ...(collect === undefined ? {} : { collect: () => collect(made) }),
  });
  return made;
}

/** A distribution; the default buckets are latencies in seconds from 1 ms to 30 s. */
export function histogram<L extends string = never>(
  name: string,
  help: string,
  labelNames: readonly L[] = [],
  buckets: readonly number[] = LATENCY_BUCKETS_S,
): Histogram<L> {
  return (
    found(name, Histogram, labelNames) ??
    new Histogram({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [registry] })
  );
}

/** Registers the metrics of Node and the process (`process_…`, `nodejs_…`); a second call changes nothing. */
export function startProcessMetrics(): void {
  if (registry.getSingleMetric("process_cpu_seconds_total") === undefined)
    collectDefaultMetrics({ register: registry });
}

/** All metrics in Prometheus' text format, with its media type. */
export async function metricsText(): Promise<{ readonly contentType: string; readonly text: string }> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}

type MetricClass = new (configuration: never) => object;

/** The metric of that name, when there is one; a second use with another kind or other labels is a mistake in the code. */
function found<M>(name: string, kind: MetricClass, labelNames: readonly string[]): M | undefined {
  invariant(NAME.test(name), `${name} is no name for a metric of Kassa`);
  const metric = registry.getSingleMetric(name);
  if (metric === undefined) return undefined;
  const known = (metric as unknown as { labelNames: readonly string[] }).labelNames;
  const isSame = metric instanceof kind && known.join() === labelNames.join();
  invariant(isSame, `the metric ${name} exists with another kind or other labels`);
  return metric as unknown as M;
}
