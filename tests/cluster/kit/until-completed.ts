import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { call } from "./ingress.ts";

const SETTLE_MS = 120_000;

/** Resolves when every one of these payments is completed; rejects when after two minutes one is not, or is still not found. */
export async function untilCompleted(ids: readonly string[]): Promise<void> {
  const open = new Set(ids);
  await eventually(
    "every accepted payment is completed",
    async () => {
      for (const id of open) {
        const { status, json } = await call("GET", `/v1/payments/${id}`);
        assert.equal(status, 200, `${id}: ${JSON.stringify(json)}`);
        if (json.status === "completed") open.delete(id);
      }
      return open.size === 0;
    },
    SETTLE_MS,
  );
}
