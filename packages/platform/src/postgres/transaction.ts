import type { Pool, PoolClient } from "./pool.ts";

/**
 * Runs `work` in one transaction on one connection: committed when it resolves, rolled back when it throws. Nothing slow
 * or remote belongs inside. When the connection breaks during COMMIT the outcome is unknown and the error says so by its
 * own code; callers that must know carry an idempotent claim in the transaction.
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const value = await work(client);
    await client.query("commit");
    return value;
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
