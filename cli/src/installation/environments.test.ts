import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { acquirerEnvironment, fraudEnvironment, transactionsEnvironment, type Wiring } from "./environments.ts";

const secret = "a secret of this test alone, long enough";
const wiring: Wiring = {
  secrets: {
    idempotencySecret: secret,
    internalToken: secret,
    acquirerToken: secret,
    acquirerWebhookSecret: secret,
  } as Wiring["secrets"],
  ports: { api: 1, fraud: 2, acquirer: 3 },
  connectionString: (database) => `postgres://127.0.0.1/${database}`,
};

describe("the environments of a local installation", () => {
  it("let nobody but this machine in, neither to an API nor to the probes of a process of its own", () => {
    const acquirer = acquirerEnvironment(wiring);
    for (const env of [acquirer, fraudEnvironment(wiring), transactionsEnvironment(wiring)]) {
      assert.equal(env.HTTP_HOST, "127.0.0.1");
    }
    assert.equal(acquirer.PROBE_HOST, "127.0.0.1");
  });
});
