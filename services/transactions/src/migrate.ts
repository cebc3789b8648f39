import { migratePostgresBus } from "@kassa/platform/bus/postgres";
import { runMigrator } from "@kassa/platform/migrator";

/** Brings the database up to date and ends: the init container of every pod, as the role that owns the schema. */
process.exitCode = await runMigrator({
  service: "transactions",
  folder: new URL("../migrations/", import.meta.url),
  others: process.env.BUS === "postgres" ? [migratePostgresBus] : [],
});
