export { destroyEmbeddedPostgres } from "./destroy-embedded-postgres.ts";
export {
  EmbeddedPostgresError,
  type EmbeddedPostgresErrorCode,
  embeddedPostgresErrors,
} from "./embedded-postgres-error.ts";

export { ensureDatabase } from "./ensure-database.ts";
export { commandLine, identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";
export type { ServerSettings } from "./server-settings.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresAddress,
  type EmbeddedPostgresExit,
  type EmbeddedPostgresOptions,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";
