export { type PostgresBusOptions, type PostgresBusSettings, postgresBusDefaults } from "./options.ts";
export { type PostgresBus, postgresBus } from "./postgres-bus.ts";
export { migratePostgresBus } from "./schema.ts";
export type { BusStats } from "./stats.ts";
