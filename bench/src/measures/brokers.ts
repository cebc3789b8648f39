import type { Watched } from "../installation/cpu-meter.ts";
import type { LifeVariant } from "../options.ts";
import { tell } from "../progress.ts";

export type Brokers = AsyncDisposable & { readonly addresses: readonly string[]; readonly parts: readonly Watched[] };

const NONE: Brokers = { addresses: [], parts: [], async [Symbol.asyncDispose]() {} };

/** A real Kafka for the variant that wants one; undefined, with a word why, where none is installed. */
export async function openBrokers(variant: LifeVariant): Promise<Brokers | undefined> {
  if (variant !== "kafka") return NONE;
  const { hasKafka, startKafka } = await import("@kassa/testing/kafka");
  if (!hasKafka()) {
    tell("life on Kafka is skipped: Java or Kafka's jars are missing (scripts/install-brokers.sh installs them)");
    return undefined;
  }
  const kafka = await startKafka();
  return {
    addresses: kafka.brokers,
    parts: kafka.pid === undefined ? [] : [{ name: "kafka", pid: kafka.pid }],
    [Symbol.asyncDispose]: () => kafka.stop(),
  };
}
