import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, ApiClient } from "./api-client.ts";
import type { Flow, Order } from "./mix.ts";
import type { Tally } from "./tally.ts";

const WAIT_S = 10;
const POLL_MS = 500;
/** How long a merchant looks after a payment that does not come to an end; the end of the run looks again. */
const POLLS_MAX = 40;
const UNDECIDED: ReadonlySet<string> = new Set(["new", "processing"]);

/** What a flow does once the payment has the status it needs. */
const nextSteps: Readonly<Partial<Record<Flow, Step>>> = {
  refund_whole: { needs: "completed", path: "refunds", body: () => ({}) },
  refund_part: { needs: "completed", path: "refunds", body: ({ partAmount }) => ({ amount: partAmount }) },
  capture_whole: { needs: "authorized", path: "capture", body: () => ({}) },
  capture_part: { needs: "authorized", path: "capture", body: ({ partAmount }) => ({ amount: partAmount }) },
  cancel: { needs: "authorized", path: "cancel", body: () => ({}) },
};

type Step = { readonly needs: string; readonly path: string; readonly body: (order: Order) => object };

/** One payment from its creation to the last thing the merchant wants of it. */
export async function serveOrder(client: ApiClient, tally: Tally, order: Order, dueAtMs: number): Promise<void> {
  const step = nextSteps[order.flow];
  const waitS = order.waits || step !== undefined ? WAIT_S : 0;
  const send = {
    method: "POST",
    path: "/v1/payments",
    body: order.request,
    idempotencyKey: randomUUID(),
    waitS,
  } as const;
  const created = await client.send(send);
  const id = idOf(created);
  if (created?.status !== 202 || id === undefined) return;
  (waitS === 0 ? tally.accept : tally.outcome).record(performance.now() - dueAtMs);
  tally.accepted += 1;
  tally.see(id, statusOf(created), step !== undefined);
  if (order.flow === "purchase_sent_twice") {
    const again = await client.send(send);
    if (again !== undefined && idOf(again) !== id) tally.doubled += 1;
  }
  if (step !== undefined) await takeStep(client, tally, order, step, id, statusOf(created));
}

async function takeStep(
  client: ApiClient,
  tally: Tally,
  order: Order,
  step: Step,
  id: string,
  created: string,
): Promise<void> {
  const status = UNDECIDED.has(created) ? await decided(client, id) : created;
  if (status !== step.needs) {
    tally.see(id, status);
    return;
  }
  const path = `/v1/payments/${id}/${step.path}`;
  const body = step.body(order);
  const answer = await client.send({ method: "POST", path, body, idempotencyKey: randomUUID(), waitS: WAIT_S });
  const target = idOf(answer);
  if (answer?.status !== 202 || target === undefined) {
    tally.see(id, status);
    return;
  }
  if (target !== id) tally.see(id, status);
  tally.see(target, statusOf(answer), statusOf(answer) === "authorized");
}

/** The payment's status once it is decided, or the last one that was seen. */
async function decided(client: ApiClient, id: string): Promise<string> {
  let status = "new";
  for (let polls = 0; polls < POLLS_MAX && UNDECIDED.has(status); polls++) {
    await sleep(POLL_MS);
    const answer = await client.send({ method: "GET", path: `/v1/payments/${id}` });
    if (answer?.status === 200) status = statusOf(answer);
  }
  return status;
}

function idOf(answer: Answer | undefined): string | undefined {
  return typeof answer?.body.id === "string" ? answer.body.id : undefined;
}

function statusOf(answer: Answer): string {
  return String(answer.body.status);
}
