import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { type GroupLease, planLeases } from "./plan-leases.ts";

it("spreads each topic's partitions evenly, whatever the members held before and in whichever order they act", () => {
  const shapes = fc.record({
    members: fc.integer({ min: 1, max: 7 }),
    partitions: fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 1, maxLength: 3 }),
    seed: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  });
  fc.assert(
    fc.property(shapes, ({ members, partitions, seed }) => {
      const topics = partitions.map((_, topic) => `topic-${topic}`);
      const group = Array.from({ length: members }, (_, id) => ({ id: `member-${id}`, topics }));
      const leases = partitions.flatMap((count, topic) =>
        Array.from({ length: count }, (_, i) => {
          const held = (seed[(topic * 13 + i) % seed.length] ?? 0) % (members + 1);
          return { partitionId: topic * 100 + i, topic: `topic-${topic}`, owner: group[held]?.id } satisfies GroupLease;
        }),
      );
      const settled = rounds(group, leases);
      for (const [topic, count] of partitions.entries()) {
        for (const member of group) {
          const held = settled.filter((lease) => lease.topic === `topic-${topic}` && lease.owner === member.id).length;
          assert.ok(held === Math.floor(count / members) || held === Math.ceil(count / members));
        }
      }
      assert.ok(settled.every((lease) => lease.owner !== undefined));
    }),
  );
});

it("leaves alone what is balanced", () => {
  const members = ["a", "b"].map((id) => ({ id, topics: ["t"] }));
  const leases = [0, 1, 2, 3].map((partitionId) => ({ partitionId, topic: "t", owner: partitionId < 2 ? "b" : "a" }));
  assert.deepEqual(planLeases("a", members, leases), { take: [], release: [], waiting: false });
});

it("gives nothing to a member that does not subscribe to the topic", () => {
  const members = [
    { id: "a", topics: ["t"] },
    { id: "b", topics: ["u"] },
  ];
  const leases = [{ partitionId: 1, topic: "t", owner: undefined }];
  assert.deepEqual(planLeases("b", members, leases).take, []);
  assert.deepEqual(planLeases("a", members, leases).take, [1]);
});

/** Two rounds in which every member acts are enough: one to give back, one to take. */
function rounds(group: readonly { id: string; topics: string[] }[], leases: GroupLease[]): GroupLease[] {
  let now = leases;
  for (const { id } of [...group, ...group]) {
    const plan = planLeases(id, group, now);
    now = now.map((lease) => {
      if (plan.release.includes(lease.partitionId)) return { ...lease, owner: undefined };
      return plan.take.includes(lease.partitionId) ? { ...lease, owner: id } : lease;
    });
  }
  return now;
}
