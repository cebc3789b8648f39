/**
 * A member of a group as a process of its own, to be killed or frozen by tests. Tells its parent each message whose
 * handler starts and, with `finish`, acknowledges it after `finishAfterMs`; otherwise its handlers never return.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type BusSpec, openBus } from "./bus-open.ts";

export type MemberOrder = {
  readonly spec: BusSpec;
  readonly group: string;
  readonly topic: string;
  readonly finishAfterMs: number | undefined;
};

const order = JSON.parse(process.argv[2] ?? "") as MemberOrder;
const bus = await openBus(order.spec);
await bus.subscribe({
  group: order.group,
  topics: [order.topic],
  async handle({ key, value }) {
    process.send?.({ key, value });
    if (order.finishAfterMs === undefined) await new Promise(() => undefined);
    await sleep(order.finishAfterMs);
  },
});
process.once("disconnect", () => process.exit());
