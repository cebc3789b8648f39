import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { before, describe, it } from "node:test";
import { createLogger } from "@kassa/platform/log";
import { startService } from "@kassa/platform/runtime";
import { createTestDatabase, type TestDatabase } from "@kassa/testing/postgres";
import { transactionsService } from "../src/service.ts";
import { freePort } from "./process-fixture.ts";

describe("a start before what it needs", () => {
  let database: TestDatabase;
  before(async () => {
    database = await createTestDatabase();
  });

  it("waits for PostgreSQL, migrates it when it comes, and is ready with every role", async () => {
    const port = await freePort();
    const { running, url } = await start({ DATABASE_URL: throughPort(database, port) });
    assert.equal(await healthOf(url), "refused");
    assert.equal(running.isStarted(), false);
    const door = await openDoor(port, database);
    try {
      await running.ready;
      assert.equal(await healthOf(url), 200);
    } finally {
      await running.stop();
      door.close();
    }
  });

  it("gives up a database that does not come within START_WAIT_MS, with a sentence that names it", async () => {
    const { running } = await start({ DATABASE_URL: throughPort(database, await freePort()), START_WAIT_MS: "300" });
    await assert.rejects(
      running.ready,
      /^NotReached: PostgreSQL \(DATABASE_URL\) was not reached within 300 ms.*ECONNREFUSED/,
    );
  });

  it("gives up a broker that does not come within START_WAIT_MS, with a sentence that names it", async () => {
    const KAFKA_BROKERS = `127.0.0.1:${await freePort()}`;
    const { running } = await start({
      ROLES: "relay",
      BUS: "kafka",
      KAFKA_BROKERS,
      START_WAIT_MS: "300",
      DATABASE_URL: database.connectionString,
    });
    await assert.rejects(
      running.ready,
      /^NotReached: Kafka \(KAFKA_BROKERS\) was not reached within 300 ms.*ECONNREFUSED/,
    );
  });

  it("ends at once for a database that waiting does not bring", async () => {
    const nowhere = new URL(database.connectionString);
    nowhere.pathname = "/nobody_made_me";
    const { running } = await start({ DATABASE_URL: nowhere.href });
    await assert.rejects(running.ready, /database "nobody_made_me" does not exist/);
  });
});

async function start(env: Readonly<Record<string, string>>) {
  const port = await freePort();
  const running = startService(transactionsService, {
    env: {
      HTTP_HOST: "127.0.0.1",
      HTTP_PORT: String(port),
      IDEMPOTENCY_SECRET: "a secret of the tests, long enough for an HMAC",
      INTERNAL_TOKEN: "internal-token-of-tests",
      ACQUIRER_URL: "http://127.0.0.1:9",
      ACQUIRER_TOKEN: "acquirer-token-of-tests",
      ACQUIRER_WEBHOOK_SECRET: `whsec_${Buffer.from("a secret of the tests alone").toString("base64")}`,
      FRAUD_URL: "http://127.0.0.1:9",
      START_WAIT_MS: "30000",
      SHUTDOWN_BOUND_MS: "5000",
      ...env,
    },
    log: createLogger({ service: "transactions", level: "silent" }),
  });
  return { running, url: `http://127.0.0.1:${port}` };
}

function throughPort({ connectionString }: TestDatabase, port: number): string {
  const url = new URL(connectionString);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return url.href;
}

/** Lets whoever knocks on the port in to the database's server. */
async function openDoor(port: number, { connectionString }: TestDatabase) {
  const { hostname, port: behind } = new URL(connectionString);
  const server = createServer((outside) => {
    const inside = connect(Number(behind), hostname);
    outside.pipe(inside).pipe(outside);
    for (const socket of [outside, inside]) socket.on("error", () => {});
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function healthOf(url: string): Promise<number | "refused"> {
  return fetch(`${url}/healthz`).then(
    ({ status }) => status,
    () => "refused",
  );
}
