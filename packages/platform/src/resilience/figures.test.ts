import assert from "node:assert/strict";
import { describe, it } from "node:test";
import Type from "typebox";
import { loadConfig } from "../config/index.ts";
import { executorFigures, resilienceSettings } from "./index.ts";

const schema = Type.Object(resilienceSettings("FRAUD"));

describe("the figures of an executor", () => {
  it("are read from variables with the executor's prefix, or take the defaults of SV1", () => {
    assert.deepEqual(
      executorFigures("FRAUD", loadConfig(schema, { FRAUD_TIMEOUT_MS: "250", FRAUD_BREAKER_VOLUME: "5" })),
      {
        timeoutMs: 250,
        tries: 3,
        retryFirstMs: 100,
        retryMaxMs: 2000,
        retryJitterMs: 100,
        breakerErrorPercent: 50,
        breakerVolume: 5,
        breakerResetMs: 60_000,
        breakerWindowMs: 10_000,
      },
    );
  });

  it("allow no time-out beyond 30 s", () => {
    assert.throws(() => loadConfig(schema, { FRAUD_TIMEOUT_MS: "30001" }), /an integer from 1 to 30000/);
  });
});
