import type { ClientConfig } from "pg";
import type { BusLog } from "../bus.ts";

export type PostgresBusOptions = {
  /** The database that holds the schema `bus`. */
  readonly connection: ClientConfig;
  readonly log?: BusLog;
  readonly settings?: Partial<PostgresBusSettings>;
};

/** Every bound and interval of the adapter, with its default. */
export const postgresBusDefaults = {
  /** Creates and upgrades the schema at start; off where the role may not. */
  migrate: true,
  /** Connections for publishing, and for reading, committing and leases; one more listens. */
  publishConnections: 4,
  consumeConnections: 4,
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 5_000,
  lockTimeoutMs: 3_000,
  /** How long a publish may take in all, waiting included. */
  publishTimeoutMs: 10_000,
  publishBatch: 1_000,
  publishQueue: 20_000,
  /** Reading: messages a partition has in memory and a query brings at most; pauses with and without a backlog. */
  fetchPerPartition: 500,
  fetchPerQuery: 2_000,
  idlePollMs: 200,
  busyPollMs: 4,
  commitMs: 50,
  /** A member that is not heard of for `leaseMs` loses its partitions. */
  leaseMs: 6_000,
  heartbeatMs: 1_000,
  notifyMs: 20,
  /** Rows consumed by every group are kept this long; dead letters, which often have no group, longer. */
  retentionMs: 24 * 3_600_000,
  deadLetterRetentionMs: 30 * 24 * 3_600_000,
  /** A group without a member for this long no longer holds rows back. */
  abandonedGroupMs: 7 * 24 * 3_600_000,
  retentionEveryMs: 60_000,
  retentionStep: 5_000,
};

export type PostgresBusSettings = typeof postgresBusDefaults;
