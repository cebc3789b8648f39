import assert from "node:assert/strict";
import { after, before, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type PostgresBus,
  type PostgresBusSettings,
  postgresBus,
  postgresBusDefaults,
} from "@kassa/platform/bus/postgres";
import { createTestDatabase, type TestDatabase } from "@kassa/testing/postgres";
import pg from "pg";
import { Connections } from "../src/bus/postgres/connections.ts";
import { type Lease, Membership } from "../src/bus/postgres/membership.ts";
import { numbered, range, until } from "./bus-fixture.ts";

let database: TestDatabase;
let reader: pg.Client;

before(async () => {
  database = await createTestDatabase();
  reader = new pg.Client({ connectionString: database.connectionString });
  await reader.connect();
});
after(async () => {
  await reader?.end();
  await database?.drop();
});

/** A bus that is closed with the test. */
async function open(t: TestContext, settings: Partial<PostgresBusSettings> = {}): Promise<PostgresBus> {
  const bus = await postgresBus({ connection: { connectionString: database.connectionString }, settings });
  t.after(() => bus.close());
  return bus;
}

async function scalar(text: string, values: unknown[] = []): Promise<number> {
  const { rows } = await reader.query({ text, values, rowMode: "array" });
  return Number(rows[0]?.[0]);
}

it("creates its schema once, however many pods start at once", async (t) => {
  await Promise.all(range(5).map(() => open(t)));
  assert.equal(await scalar("select count(*) from bus.versions"), 1);
});

it("assigns offsets without gaps, visible in their order, while several publishers append", async (t) => {
  const pods = await Promise.all(range(4).map(() => open(t)));
  await pods[0]?.ensureTopics([{ name: "gapless", partitions: 2 }]);
  let done = false;
  const publishing = Promise.all(
    pods.map(async (pod, i) => {
      const publisher = await pod.publisher(`gapless-${i}`);
      for (const call of range(50))
        await publisher.publish(
          "gapless",
          range(20).map((key) => numbered(key, call)),
        );
    }),
  ).finally(() => {
    done = true;
  });
  // A gap, even one that is filled later, is what a reader would jump over.
  const holes = `select coalesce(sum(top + 1 - n), 0) from (
    select max("offset") as top, count(*) as n from bus.log group by partition_id) s`;
  while (!done) assert.equal(await scalar(holes), 0);
  await publishing;
  assert.equal(await scalar(`select count(*) from bus.log`), 4_000);
});

it("deletes what is old once every group has passed it, in bounded steps, and counts only what is left", async (t) => {
  const bus = await open(t, { retentionMs: 0, retentionStep: 7 });
  await bus.ensureTopics([{ name: "old", partitions: 2 }]);
  const publisher = await bus.publisher("old");
  await publisher.publish(
    "old",
    range(100).map((key) => numbered(key, 0)),
  );
  const handle = async () => undefined;
  const fast = await bus.subscribe({ group: "fast", topics: ["old"], handle });
  const slow = await bus.subscribe({
    group: "slow",
    topics: ["old"],
    handle: () => new Promise(() => undefined),
    drainMs: 10,
  });
  await until(async () => (await fast.lag()) === 0, "the fast group");
  const stored = `select count(*) from bus.log l join bus.partitions p on p.id = l.partition_id where p.topic = 'old'`;
  await bus.prune();
  assert.equal(await scalar(stored), 100);
  await slow.stop();
  await reader.query("delete from bus.leases where group_name = 'slow'");
  await bus.prune();
  assert.equal(await scalar(stored), 0);
  const late = await bus.subscribe({ group: "late", topics: ["old"], handle });
  assert.equal(await late.lag(), 0);
  await publisher.publish("old", [numbered(1, 1)]);
  await until(async () => (await late.lag()) === 0 && (await fast.lag()) === 0, "a message after the deletion");
  const stats = await bus.stats();
  assert.deepEqual(
    stats.topics.find(({ topic }) => topic === "old"),
    { topic: "old", published: 101, stored: 1 },
  );
  assert.deepEqual(
    stats.groups.find(({ group }) => group === "late"),
    { group: "late", topic: "old", lag: 0, members: 1 },
  );
});

it("keeps what is young", async (t) => {
  const bus = await open(t, { retentionMs: 60_000 });
  await bus.ensureTopics([{ name: "young", partitions: 1 }]);
  await (await bus.publisher("young")).publish("young", [numbered(1, 0)]);
  await bus.prune();
  assert.equal((await bus.stats()).topics.find(({ topic }) => topic === "young")?.stored, 1);
});

it("wakes readers in other processes, again after their listening connection was cut", async (t) => {
  const [writing, reading] = await Promise.all([open(t), open(t, { idlePollMs: 60_000 })]);
  await writing.ensureTopics([{ name: "wake", partitions: 1 }]);
  let seen = 0;
  const handle = async () => {
    seen += 1;
  };
  await reading.subscribe({ group: "wake", topics: ["wake"], handle });
  const publisher = await writing.publisher("wake");
  const awaken = async (count: number) => {
    await publisher.publish("wake", [numbered(1, count)]);
    await until(() => seen === count, "the wake-up");
  };
  await awaken(1);
  await sleep(100);
  await awaken(2);
  const cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where query = 'listen kassa_bus'";
  assert.ok((await scalar(cut)) >= 2);
  await awaken(3);
});

it("refuses the acknowledgements and the release of a member whose lease was given to another", async (t) => {
  const bus = await open(t);
  await bus.ensureTopics([{ name: "fence", partitions: 1 }]);
  await (await bus.publisher("fence")).publish(
    "fence",
    range(10).map((key) => numbered(key, 0)),
  );
  const connections = new Connections({ connectionString: database.connectionString }, postgresBusDefaults, () => {});
  t.after(() => connections.close());
  const member = (id: string, leaseMs: number) => new Membership(connections, "fence", id, ["fence"], leaseMs);
  const [early, late] = [member("early", 1_500), member("late", 60_000)];
  await early.join();
  const [held] = await early.take((await early.heartbeat()).plan.take);
  assert.ok(held);
  assert.equal((await early.commit([{ lease: held, offset: 3 }])).size, 1);
  assert.deepEqual((await late.heartbeat()).plan.take, [], "the lease has not expired");
  await sleep(1_600);
  const [taken] = await late.take((await late.heartbeat()).plan.take);
  assert.equal(taken?.committed, 3);
  assert.equal((await early.commit([{ lease: held, offset: 10 }])).size, 0);
  await early.release([held]);
  assert.equal(await late.lag(), 7);
  assert.deepEqual([...(await late.heartbeat()).mine.keys()], [taken?.partitionId]);
  // Two that saw it free at the same time: one gets it.
  await late.release([taken as Lease]);
  const rivals = [member("one", 60_000), member("two", 60_000), member("three", 60_000)];
  await late.leave();
  for (const rival of rivals) await rival.heartbeat();
  const won = await Promise.all(rivals.map((rival) => rival.take([held.partitionId])));
  assert.equal(won.flat().length, 1);
});
