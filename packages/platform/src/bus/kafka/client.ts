import { type ICustomPartitioner, Kafka, type LogEntry, logLevel } from "kafkajs";
import type { BusLog } from "../bus.ts";
import { BusUnavailable } from "../bus-unavailable.ts";
import { partitionOf } from "../partition-of.ts";
import type { KafkaBusOptions, KafkaBusSettings } from "./options.ts";

/** Few and short: the adapter has its own, slower rounds of retries. */
const CLIENT_RETRY = { initialRetryTime: 50, maxRetryTime: 500, retries: 5 };

/** kafkajs with bounded waits, its log going to ours. */
export function kafkaClient(options: KafkaBusOptions, settings: KafkaBusSettings, log: BusLog): Kafka {
  return new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    connectionTimeout: settings.connectTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: CLIENT_RETRY,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(entry, log),
  });
}

/** The same partition for a key as in every other adapter. */
export const sharedPartitioner: ICustomPartitioner =
  () =>
  ({ message, partitionMetadata }) =>
    partitionOf(String(message.key ?? ""), partitionMetadata.length);

/** The protocol's name of an error, wherever kafkajs has wrapped it. */
export function errorType(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    if ("type" in cause && typeof cause.type === "string") return cause.type;
  }
  return undefined;
}

export function unavailable(error: unknown): BusUnavailable {
  return new BusUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
}

/** Waits for work whose outcome no longer matters, but not longer than `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.catch(() => undefined), promise]);
  clearTimeout(timer);
}

/** What kafkajs calls an error is mostly the first of several attempts, and its news are of use to nobody else. */
function forward(entry: LogEntry, log: BusLog): void {
  const { message, timestamp: _, logger: __, stack: ___, ...fields } = entry.log;
  log(entry.level === logLevel.ERROR || entry.level === logLevel.WARN ? "warn" : "debug", `kafkajs: ${message}`, {
    ...fields,
    namespace: entry.namespace,
  });
}
