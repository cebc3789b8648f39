/**
 * What each table is: a source is the truth, a projection is rebuilt from sources by `kassa replay`, ephemeral rows are of
 * use only for a while. A migration that adds a table missing here fails the tests.
 */
export const tableKinds = {
  merchants: "source",
  api_keys: "source",
  events: "source",
  payment_references: "source",
  ledger_accounts: "source",
  ledger_transfers: "source",
  ledger_seals: "source",
  outbox_progress: "source",
  payments: "projection",
  refunds: "projection",
  operations: "projection",
  ledger_balances: "projection",
  ledger_holds: "projection",
  ledger_unsealed: "ephemeral",
  idempotency_keys: "ephemeral",
  inbox: "ephemeral",
  outbox: "ephemeral",
  timers: "ephemeral",
  parked_webhooks: "ephemeral",
  schema_migrations: "ephemeral",
} as const satisfies Record<string, "source" | "projection" | "ephemeral">;
