export { migratorConfig } from "./migrator-config.ts";
export { type MigratorOptions, runMigrator } from "./run-migrator.ts";
