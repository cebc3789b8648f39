import type { Clock } from "@kassa/kernel/clock";
import { Batcher, inTransaction, type Pool, sqlState } from "@kassa/platform/postgres";
import { decideAll, type Outcome } from "../../domain/decide-all.ts";
import type { DecisionContext } from "../../domain/decision.ts";
import type { CompletionRequest, OperationRequest } from "../../domain/request.ts";
import type { OperationBook } from "../../ports.ts";
import { type OperationRow, operationOfRow } from "./operation-row.ts";
import { readBatch } from "./read-batch.ts";
import { writeBatch } from "./write-batch.ts";

export type OperationBookOptions = {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly context: Omit<DecisionContext, "nowMs">;
  /** Requests in one transaction at most. */
  readonly maxBatch: number;
  /** Requests waiting at most; one more is refused with QueueFull. */
  readonly maxQueue: number;
  /** Told when webhooks became due. */
  readonly onWebhooks?: () => void;
  readonly onBatch?: (size: number, durationMs: number) => void;
};

type Request = OperationRequest | CompletionRequest;

/** Batches being written at once: one fills PostgreSQL while the other commits. */
const CONCURRENT_BATCHES = 2;

/** How often a batch is decided again because another process took one of its keys meanwhile. */
const MAX_KEY_RACES = 5;

const UNIQUE_VIOLATION = "23505";

/** The operations in PostgreSQL; requests that come together are committed together. `drain` waits until all are written. */
export function createOperationBook(options: OperationBookOptions): OperationBook & { drain(): Promise<void> } {
  const { pool } = options;
  const batcher = new Batcher<Request, Outcome>({
    name: "acquirer_operations",
    maxBatch: options.maxBatch,
    maxQueue: options.maxQueue,
    concurrency: CONCURRENT_BATCHES,
    commit: (requests) => commit(requests, options),
    ...(options.onBatch === undefined ? {} : { onBatch: options.onBatch }),
  });
  return {
    record: (request) => batcher.submit(request),
    drain: () => batcher.drain(),
    find: (operationId) => find(pool, operationId),
    dueCompletions: (nowMs, limit) => dueCompletions(pool, nowMs, limit),
  };
}

async function commit(requests: readonly Request[], options: OperationBookOptions): Promise<readonly Outcome[]> {
  for (let race = 0; ; race += 1) {
    try {
      return await commitOnce(requests, options);
    } catch (error) {
      // The other process has committed by now: reading again finds its answer.
      if (sqlState(error) !== UNIQUE_VIOLATION || race >= MAX_KEY_RACES) throw error;
    }
  }
}

async function commitOnce(requests: readonly Request[], options: OperationBookOptions): Promise<readonly Outcome[]> {
  const nowMs = options.clock.now();
  const { outcomes, changes } = await inTransaction(options.pool, async (client) => {
    const state = await readBatch(client, requests);
    const decided = decideAll(requests, state, { ...options.context, nowMs });
    await writeBatch(client, decided.changes, nowMs);
    return decided;
  });
  if (changes.webhooks.some(({ dueAtMs }) => dueAtMs <= nowMs)) options.onWebhooks?.();
  return outcomes;
}

const FIND = `
  select key, fingerprint, operation_id, kind, result, charge_id, subject_id, amount, currency, code, decline_code,
    answer_ok, answer, visible_at, created_at
  from operations where operation_id = $1 order by created_at desc, key desc limit 1`;

async function find(pool: Pool, operationId: string) {
  const { rows } = await pool.query<OperationRow>({ name: "find_operation", text: FIND, values: [operationId] });
  return rows[0] === undefined ? undefined : operationOfRow(rows[0]);
}

const DUE_COMPLETIONS = `
  select key, charge_id from completions where due_at <= to_timestamp($1::float8 / 1000) order by due_at limit $2`;

async function dueCompletions(pool: Pool, nowMs: number, limit: number): Promise<readonly CompletionRequest[]> {
  const query = { name: "due_completions", text: DUE_COMPLETIONS, values: [nowMs, limit] };
  const { rows } = await pool.query<{ key: string; charge_id: string }>(query);
  return rows.map((row) => ({ kind: "complete", key: row.key, chargeId: row.charge_id }));
}
