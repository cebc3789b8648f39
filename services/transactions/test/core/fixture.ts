import { fileURLToPath } from "node:url";
import type { PaymentEvent } from "@kassa/contracts/payment-events";
import { type Uuid, uuidv7 } from "@kassa/kernel/id";
import { createPool, migrate, type Pool } from "@kassa/platform/postgres";
import { createTestDatabase, type TestDatabase, templateKey } from "@kassa/testing/postgres";
import { AccountDirectory } from "../../src/adapters/postgres/account-directory.ts";
import { commitItems, type ItemOutcome, itemTransfers } from "../../src/adapters/postgres/commit-items.ts";
import { append, begin, type Change } from "../../src/domain/change.ts";
import type { Payment } from "../../src/domain/payment.ts";
import type { IdempotencyClaim, Item } from "../../src/ports.ts";

const migrationsFolder = fileURLToPath(new URL("../../migrations", import.meta.url));

/** An instant that all rows of a test may share. */
export const NOW_MS = 1_767_225_600_000;

export function newId(): Uuid {
  return uuidv7(NOW_MS);
}

/** A database of its own with the schema of the service. */
export function createDatabase(): Promise<TestDatabase> {
  return createTestDatabase({
    template: {
      name: templateKey("transactions", migrationsFolder),
      async prepare(connectionString) {
        await migrate({ connectionString, folder: migrationsFolder });
      },
    },
  });
}

export function openPool(database: TestDatabase, max = 8): Pool {
  return createPool({ connectionString: database.connectionString, applicationName: "core-test", max });
}

/** A payment's first event; `more` replaces parts of what it holds. */
export function created(
  merchantId: Uuid,
  more: { reference?: string; metadata?: Record<string, string> } = {},
): Change {
  const data = {
    amount: 1_000,
    currency: "EUR",
    capture: "automatic" as const,
    payment_method: { token: "pm_card_visa", brand: "visa", last4: "4242" },
    provider: "acquirer",
    reference: null,
    metadata: {},
    ...more,
  };
  return begin(newId(), merchantId, [{ type: "payment.created", data }], NOW_MS);
}

const screening = { decision: "allow" as const, reasons: [], rule_set: "test", fallback: false };

/** Starts the authorization: the second event of a stream. */
export function processed(payment: Payment): Change {
  return append(payment, [{ type: "payment.processing", data: { operation_id: newId(), screening } }], NOW_MS);
}

/** Ends the open authorization with all the money: events three and four, and one posting. */
export function completed(payment: Payment): Change {
  const operation_id = payment.operations.at(-1)?.id ?? "";
  const amount = Number(payment.amountMinor);
  const events: PaymentEvent[] = [
    { type: "payment.authorized", data: { operation_id, amount, provider_reference: "ch_1", expires_at: NOW_MS } },
    { type: "payment.completed", data: { operation_id, amount_captured: amount, amount_released: 0 } },
  ];
  return append(payment, events, NOW_MS);
}

/** Asks for a refund, which the ledger holds on the merchant's account. */
export function refundAsked(payment: Payment, amountMinor: number): Change {
  const data = { refund_id: newId(), operation_id: newId(), amount: amountMinor };
  return append(payment, [{ type: "refund.requested", data }], NOW_MS);
}

/** An event that any state takes. */
export function noted(payment: Payment): Change {
  const data = { command: "refund", status: payment.status, code: "invalid_state" };
  return append(payment, [{ type: "transition.refused", data }], NOW_MS);
}

export function itemOf(...changes: Change[]): Item {
  return { changes, traceparent: undefined };
}

export function claimOf(merchantId: Uuid, key: string, body = "body"): IdempotencyClaim {
  const answer = JSON.stringify({ answer: body });
  return { merchantId, route: "createPayment", key, fingerprint: Buffer.from(body), status: 202, answer };
}

/** Commits the items in one transaction, past the batcher. */
export async function commitTogether(pool: Pool, items: readonly Item[]): Promise<ItemOutcome[]> {
  const accounts = new AccountDirectory(pool);
  const ready = [];
  for (const item of items) {
    ready.push({ item, transfers: await accounts.resolve(itemTransfers(item), NOW_MS) });
  }
  return commitItems(pool, ready, NOW_MS);
}

/** A completed payment of 1,000 that is stored. */
export async function storedPayment(pool: Pool, merchantId: Uuid): Promise<Payment> {
  const first = created(merchantId);
  const second = processed(first.after);
  const third = completed(second.after);
  for (const change of [first, second, third]) {
    const [outcome] = await commitTogether(pool, [itemOf(change)]);
    if (outcome?.kind !== "committed") throw new Error(`not stored: ${outcome?.kind}`);
  }
  return third.after;
}

export function kindsOf(outcomes: readonly ItemOutcome[]): string[] {
  return outcomes.map(({ kind }) => kind);
}

/** How many rows of the table belong to the payment. */
export async function countRows(pool: Pool, table: "events" | "outbox" | "payments", id: Uuid): Promise<number> {
  const { rows } = await pool.query<{ n: bigint }>(countStatements[table], [id]);
  return Number(rows[0]?.n);
}

const countStatements = {
  events: "select count(*) as n from events where stream_id = $1",
  outbox: "select count(*) as n from outbox where stream_id = $1",
  payments: "select count(*) as n from payments where id = $1",
};
