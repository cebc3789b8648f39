import { runMigrator } from "@kassa/platform/migrator";

/** Brings the database up to date and ends: the init container of every pod, as the role that owns the schema. */
process.exitCode = await runMigrator({ service: "acquirer", folder: new URL("../migrations/", import.meta.url) });
