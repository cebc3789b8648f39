import { Problem } from "@kassa/contracts/problem";
import type { Clock } from "@kassa/kernel/clock";
import type { Uuid } from "@kassa/kernel/id";
import { histogram } from "@kassa/platform/metrics";
import { Batcher, ItemFailed, type Pool, QueueFull, sqlState } from "@kassa/platform/postgres";
import { fold } from "../../domain/apply.ts";
import type { Payment } from "../../domain/payment.ts";
import type { CommitOutcome, Item, PaymentStore } from "../../ports.ts";
import { AccountDirectory } from "./account-directory.ts";
import { commitItems, type ItemOutcome, itemTransfers, type ReadyItem } from "./commit-items.ts";
import { databaseAway } from "./database-away.ts";
import { readStreams, type StreamKey } from "./read-events.ts";

export type PaymentStoreOptions = {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly maxBatch: number;
  readonly maxQueue: number;
  readonly concurrency: number;
};

const LOCK_NOT_AVAILABLE = "55P03";
/** How often an item whose claim's winner vanished is submitted again. */
const MAX_AGAIN = 10;

const batchSize = histogram(
  "kassa_commit_batch_items",
  "Items in one group commit",
  [],
  [1, 2, 5, 10, 20, 50, 100, 200, 500],
);
const batchDuration = histogram("kassa_commit_duration_seconds", "Duration of one group commit");

const FIND_ANSWER = `
  select fingerprint, status, answer from idempotency_keys where merchant_id = $1 and route = $2 and key = $3`;

const FIND_TAKEN = "select reference from payment_references where merchant_id = $1 and reference = any ($2::text[])";

/** Payments in PostgreSQL: every write goes through one batcher, every load through another. */
export class PostgresPaymentStore implements PaymentStore {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #accounts: AccountDirectory;
  readonly #writes: Batcher<ReadyItem, ItemOutcome>;
  readonly #reads: Batcher<StreamKey, Payment | undefined>;

  constructor({ pool, clock, maxBatch, maxQueue, concurrency }: PaymentStoreOptions) {
    this.#pool = pool;
    this.#clock = clock;
    this.#accounts = new AccountDirectory(pool);
    this.#writes = new Batcher({
      name: "payments.commit",
      commit: (items) => commitItems(pool, items, clock.now()),
      maxBatch,
      maxQueue,
      concurrency,
      conflictKeys: ({ item }) => item.changes.map(({ after }) => after.id),
      onBatch: (size, durationMs) => {
        batchSize.observe(size);
        batchDuration.observe(durationMs / 1000);
      },
    });
    this.#reads = new Batcher({
      name: "payments.load",
      commit: async (keys) => (await readStreams(pool, keys)).map(fold),
      maxBatch,
      maxQueue,
      concurrency,
    });
  }

  async commit(item: Item): Promise<CommitOutcome> {
    try {
      const transfers = await this.#accounts.resolve(itemTransfers(item), this.#clock.now());
      for (let attempt = 0; attempt < MAX_AGAIN; attempt += 1) {
        const outcome = await this.#writes.submit({ item, transfers });
        if (outcome.kind !== "again") return outcome;
      }
    } catch (error) {
      throw publicError(error);
    }
    throw new Problem("idempotency_in_flight", "Another request with this key is running.", { retryAfterS: 1 });
  }

  async load(merchantId: Uuid, paymentId: Uuid): Promise<Payment | undefined> {
    try {
      return await this.#reads.submit({ merchantId, paymentId });
    } catch (error) {
      throw publicError(error);
    }
  }

  async findAnswer(
    merchantId: Uuid,
    route: string,
    key: string,
  ): Promise<{ fingerprint: Buffer; status: number; answer: string } | undefined> {
    try {
      const { rows } = await this.#pool.query({
        name: "find_answer",
        text: FIND_ANSWER,
        values: [merchantId, route, key],
      });
      return rows[0];
    } catch (error) {
      throw publicError(error);
    }
  }

  async findTaken(merchantId: Uuid, references: readonly string[]): Promise<ReadonlySet<string>> {
    try {
      const { rows } = await this.#pool.query<{ reference: string }>({
        name: "find_taken",
        text: FIND_TAKEN,
        values: [merchantId, references],
      });
      return new Set(rows.map(({ reference }) => reference));
    } catch (error) {
      throw publicError(error);
    }
  }

  /** Resolves when everything submitted is durable or refused. */
  async drain(): Promise<void> {
    await this.#writes.drain();
  }
}

function publicError(error: unknown): unknown {
  if (error instanceof QueueFull) {
    return new Problem("unavailable", "Too many writes are waiting; try again.", { retryAfterS: 1, cause: error });
  }
  if (error instanceof ItemFailed && sqlState(error.cause) === LOCK_NOT_AVAILABLE) {
    const detail = "A request with this Idempotency-Key is still running; try again.";
    return new Problem("idempotency_in_flight", detail, { retryAfterS: 1, cause: error });
  }
  return databaseAway(error);
}
