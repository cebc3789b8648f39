export { Batcher, type BatcherOptions, ItemFailed, QueueFull } from "./batcher.ts";
export { type MigrateOptions, MigrationError, migrate } from "./migrate.ts";
export { createPool, type Pool, type PoolClient, type PoolOptions } from "./pool.ts";
export { isConnectionFailure, isItemFault, isTransient, sqlState } from "./sql-error.ts";
export { inTransaction } from "./transaction.ts";
