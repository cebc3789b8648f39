/**
 * Prints how fast a bus is: `node packages/platform/test/bus-speed.ts postgres|kafka [messages]`. With
 * KASSA_SPEED_POSTGRES_URL on that server, else on a throw-away one (fsync off).
 */
import type { Bus, Message } from "@kassa/platform/bus";
import { startKafka } from "@kassa/testing/kafka";
import { createTestDatabase } from "@kassa/testing/postgres";
import { openBus } from "./bus-open.ts";

const total = Number(process.argv[3] ?? 100_000);
const BATCH = 200;
const PARTITIONS = 12;
const value = JSON.stringify({ event_id: "0190aaaa-0000-7000-8000-000000000000", data: { text: "x".repeat(400) } });

const bus = await open(process.argv[2] ?? "postgres");
const topic = `speed-${Date.now()}`;
await bus.ensureTopics([{ name: topic, partitions: PARTITIONS }]);
const publisher = await bus.publisher("speed");
const batches = Array.from({ length: Math.ceil(total / BATCH) }, (_, batch) => batchOf(batch));

await measure("published one batch after the other", async () => {
  for (const batch of batches) await publisher.publish(topic, batch);
});
await measure("consumed", () => consume("reader-1"));
const live = consume("reader-2", 2);
await measure("published and consumed at once", async () => {
  for (const batch of batches) await publisher.publish(topic, batch);
  await live;
});
await bus.close();

async function consume(group: string, rounds = 1): Promise<void> {
  const wanted = batches.length * BATCH * rounds;
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  const handle = async () => {
    seen += 1;
    if (seen === wanted) resolve();
  };
  const subscription = await bus.subscribe({ group, topics: [topic], handle });
  await promise;
  await subscription.stop();
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = Math.round((batches.length * BATCH) / seconds);
  console.log(`${what}: ${rate}/s (${seconds.toFixed(2)} s, own CPU ${((user + system) / 1e6).toFixed(2)} s)`);
}

function batchOf(batch: number): Message[] {
  return Array.from({ length: BATCH }, (_, i) => ({
    key: `key-${(batch * BATCH + i) % 5_000}`,
    value,
    headers: { traceparent: "00-1-2-01" },
  }));
}

async function open(kind: string): Promise<Bus> {
  if (kind === "postgres") {
    const given = process.env.KASSA_SPEED_POSTGRES_URL;
    const url = given ?? (await createTestDatabase()).connectionString;
    return await openBus({ kind, url, settings: {} });
  }
  if (kind === "kafka") return await openBus({ kind, brokers: (await startKafka()).brokers, settings: {} });
  throw new Error(`no bus called ${kind}`);
}
