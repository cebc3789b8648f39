import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { destroyEmbeddedPostgres, startEmbeddedPostgres } from "@kassa/platform/embedded-postgres";
import { POSTGRES_BIN_VARIABLE } from "@kassa/testing/test-cluster";
import type { Broker } from "./bus-fixture.ts";
import { busSuite } from "./bus-suite.ts";

/** Quick to notice, for the tests' sake. */
const settings = { leaseMs: 1_500, heartbeatMs: 200, publishTimeoutMs: 5_000, connectTimeoutMs: 2_000 };

busSuite("PostgreSQL", startBroker);

/** A server of its own, because it will be killed. */
async function startBroker(): Promise<Broker> {
  const dataDir = mkdtempSync(join(tmpdir(), "kassa-test-bus-"));
  chmodSync(dataDir, 0o755);
  process.once("exit", () => destroyEmbeddedPostgres(dataDir));
  const binDir = process.env[POSTGRES_BIN_VARIABLE];
  const options = {
    dataDir,
    supervise: false,
    settings: { fsync: "off", shared_buffers: "64MB" },
    ...(binDir === undefined || binDir === "" ? {} : { binDir }),
  };
  let server = await startEmbeddedPostgres(options);
  return {
    spec: { kind: "postgres", url: server.connectionString("postgres"), settings },
    async kill() {
      server.kill("SIGKILL");
      await sleep(100);
    },
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres(options);
    },
    async stop() {
      await server.stop();
      destroyEmbeddedPostgres(dataDir);
    },
  };
}
