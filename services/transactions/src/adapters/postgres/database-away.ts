import { Problem } from "@kassa/contracts/problem";
import { isConnectionFailure, type Pool } from "@kassa/platform/postgres";
import type { QueryConfig, QueryResult } from "pg";

/** The same error, or a Problem `unavailable` when it tells that the database is away. */
export function databaseAway(error: unknown): unknown {
  if (!isConnectionFailure(error)) return error;
  const detail = "The database is away; repeat the request with the same Idempotency-Key.";
  return new Problem("unavailable", detail, { retryAfterS: 2, cause: error });
}

/** One query. @throws Problem unavailable while the database is away */
// biome-ignore lint/suspicious/noExplicitAny: a row of pg has no type
export async function ask(pool: Pool, query: QueryConfig): Promise<QueryResult<any>> {
  try {
    return await pool.query(query);
  } catch (error) {
    throw databaseAway(error);
  }
}
