import Type from "typebox";
import { logSettings } from "../log/index.ts";

/** The environment of a migrator. The chart reads it too. */
export const migratorConfig = Type.Object({
  ...logSettings,
  MIGRATION_DATABASE_URL: Type.String({
    secret: true,
    pattern: "^postgres(ql)?://",
    description: "the service's database, as the role that owns its schema",
  }),
  MIGRATION_RUNTIME_ROLE: Type.Optional(
    Type.String({
      pattern: "^[a-z_][a-z0-9_]{0,62}$",
      description:
        "role that the service runs as: it may read and write every table, and change none; without it nothing is granted",
    }),
  ),
  MIGRATION_LOCK_WAIT_MS: Type.Integer({
    minimum: 0,
    maximum: 600_000,
    default: 120_000,
    description: "ms to wait for another pod that migrates",
  }),
  START_WAIT_MS: Type.Integer({
    minimum: 0,
    maximum: 600_000,
    default: 60_000,
    description: "ms to wait for a database that is away; 0: not at all",
  }),
});
