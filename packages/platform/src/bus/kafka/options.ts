import type { KafkaConfig } from "kafkajs";
import type { BusLog } from "../bus.ts";

export type KafkaBusOptions = {
  /** `host:port` of some brokers; the others are found by them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: NonNullable<KafkaConfig["ssl"]>;
  readonly sasl?: NonNullable<KafkaConfig["sasl"]>;
  readonly log?: BusLog;
  readonly settings?: Partial<KafkaBusSettings>;
};

/** Every bound and interval of the adapter, with its default. */
export const kafkaBusDefaults = {
  /** -1 is the cluster's own default. */
  replicationFactor: -1,
  retentionMs: 24 * 3_600_000,
  deadLetterRetentionMs: 30 * 24 * 3_600_000,
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 10_000,
  /** How long a publish may take in all, waiting included. */
  publishTimeoutMs: 10_000,
  publishBatch: 2_000,
  publishQueue: 20_000,
  /** The broker ends a transaction that takes longer; its publisher has to begin anew. */
  transactionTimeoutMs: 30_000,
  /** A member that is not heard of for `sessionMs` loses its partitions. */
  sessionMs: 10_000,
  heartbeatMs: 1_000,
  rebalanceMs: 15_000,
  /** How long a fetch waits for something new; also how soon a paused partition is read again. */
  fetchWaitMs: 100,
  fetchBytesPerPartition: 256 * 1_024,
  /** Messages of a partition in memory that stop its fetching; half of it starts it again. */
  bufferPerPartition: 500,
  commitMs: 100,
  /** Pause before a consumer that failed is built anew. */
  restartMs: 500,
  /** How long closing waits for a broker that does not answer. */
  closeTimeoutMs: 5_000,
};

export type KafkaBusSettings = typeof kafkaBusDefaults;
