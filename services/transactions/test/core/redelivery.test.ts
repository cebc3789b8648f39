import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PaymentCommand } from "@kassa/contracts/payment-events";
import { topics } from "@kassa/contracts/topics";
import { publicId, type Uuid } from "@kassa/kernel/id";
import type { Publisher } from "@kassa/platform/bus";
import { type PostgresBus, postgresBus } from "@kassa/platform/bus/postgres";
import { CONSUMER } from "../../src/commands/advance-payment.ts";
import { eventually } from "../client-fixture.ts";
import { type PaymentsFixture, startPayments } from "../payments-fixture.ts";

/** The api alone takes the payments, so that the test decides how often and in which order their commands come. */
let fixture: PaymentsFixture;
let bus: PostgresBus;
let publisher: Publisher;

before(async () => {
  fixture = await startPayments({ env: { ROLES: "api" } });
  const { connectionString = "" } = fixture.pool.options;
  bus = await postgresBus({ connection: { connectionString } });
  await bus.ensureTopics(Object.values(topics));
  publisher = await bus.publisher("a consumer's nightmare");
});

after(async () => {
  await bus?.close();
  await fixture?.stop();
});

type Case = {
  readonly body: Readonly<Record<string, unknown>>;
  readonly status: string;
  /** Minor units that move at the acquirer at once. */
  readonly captured: number;
};

const cases: readonly Case[] = [
  { body: { payment_method: "pm_card_visa" }, status: "completed", captured: 1999 },
  { body: { payment_method: "pm_card_chargeDeclined" }, status: "failed", captured: 0 },
  { body: { payment_method: "pm_card_visa", capture: "manual" }, status: "authorized", captured: 0 },
  { body: { payment_method: "pm_card_fault_errorAfterCharge" }, status: "completed", captured: 1999 },
  { body: { payment_method: "pm_card_fault_webhookTwice" }, status: "completed", captured: 1999 },
];
const PAYMENTS_A_CASE = 4;

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value) => [Math.random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** Publishes the commands, each twice, those of different payments in any order. */
async function deliverTwice(commands: readonly PaymentCommand[]): Promise<void> {
  for (const command of shuffled([...commands, ...commands])) {
    const message = { key: command.payment_id, value: JSON.stringify(command), headers: {} };
    await publisher.publish(topics.paymentCommands.name, [message]);
  }
}

/** Waits until everything is published and handled. */
async function handled(): Promise<void> {
  await eventually(async () => {
    const { rows } = await fixture.pool.query(
      `select (select count(*) from outbox)::int as waiting,
        (select coalesce(sum(p.head - coalesce(l.committed, 0)), 0) from bus.partitions p
         left join bus.leases l on l.partition_id = p.id and l.group_name = $1 where p.topic = $2)::int as behind`,
      [CONSUMER, topics.paymentCommands.name],
    );
    return rows[0].waiting === 0 && rows[0].behind === 0;
  }, 60_000);
}

const SNAPSHOT = `
  select
    (select jsonb_agg(to_jsonb(p) order by p.id) from payments p) as payments,
    (select jsonb_agg(to_jsonb(r) order by r.id) from refunds r) as refunds,
    (select jsonb_agg(to_jsonb(o) order by o.id) from operations o) as operations,
    (select jsonb_agg(to_jsonb(e) order by e.stream_id, e.version) from events e) as events,
    (select jsonb_agg(to_jsonb(t) order by t.id) from ledger_transfers t) as transfers,
    (select jsonb_agg(to_jsonb(b) order by b.account_id) from ledger_balances b) as balances,
    (select jsonb_agg(to_jsonb(h) order by h.id) from ledger_holds h) as holds`;

async function snapshot(): Promise<unknown> {
  const { rows } = await fixture.pool.query(SNAPSHOT);
  const lines = [...(await fixture.settlement())].sort((a, b) => (a.operation_id < b.operation_id ? -1 : 1));
  return { ...rows[0], lines };
}

/** Every command that ever was on the bus, once. */
async function commandsSent(): Promise<PaymentCommand[]> {
  const { rows } = await fixture.pool.query(
    "select distinct value from bus.log l join bus.partitions p on p.id = l.partition_id where p.topic = $1",
    [topics.paymentCommands.name],
  );
  const commands = rows.map(({ value }) => JSON.parse(value) as PaymentCommand);
  return [...new Map(commands.map((command) => [command.command_id, command])).values()];
}

async function assertSettledOnce(expected: ReadonlyMap<string, number>): Promise<void> {
  const { rows } = await fixture.pool.query<{ id: string; payment_id: Uuid }>("select id, payment_id from operations");
  const paymentOf = new Map(rows.map(({ id, payment_id }) => [id, publicId("payment", payment_id)]));
  const captures = (await fixture.settlement()).filter(({ kind }) => kind === "capture");
  const settled = captures.map((line) => [paymentOf.get(line.operation_id), line.amount]);
  assert.deepEqual(settled.sort(), [...expected].filter(([, amount]) => amount > 0).sort());
}

test("commands delivered three times and out of order between payments charge each card once", async () => {
  const { api } = fixture.merchant;
  const wanted = new Map<string, Case>();
  for (const each of cases) {
    for (let n = 0; n < PAYMENTS_A_CASE; n += 1) {
      const answer = await api.post("/v1/payments", { amount: 1999, currency: "EUR", ...each.body });
      assert.equal(answer.status, 202, answer.text);
      wanted.set(answer.body.id, each);
    }
  }
  const { rows } = await fixture.pool.query("select command from outbox where command is not null");
  assert.equal(rows.length, wanted.size);
  await deliverTwice(rows.map(({ command }) => JSON.parse(command) as PaymentCommand));
  // The relay delivers each once more, as after a crash between publishing and deleting.
  await fixture.startApi({ ROLES: "worker,relay" });
  for (const [id, { status }] of wanted) assert.equal((await api.until(id, status)).body.status, status);
  await handled();
  await assertSettledOnce(new Map([...wanted].map(([id, { captured }]) => [id, captured])));
});

test("everything delivered twice again, in any order between payments, changes no table and no settlement line", async () => {
  const { api } = fixture.merchant;
  const { body } = await api.get("/v1/payments?limit=100");
  const ofStatus = (status: string) =>
    (body.data as { id: string; status: string }[]).filter((payment) => payment.status === status);
  const [capturing, canceling] = ofStatus("authorized");
  const [refunding] = ofStatus("completed");
  assert.ok(capturing && canceling && refunding);
  await api.post(`/v1/payments/${capturing.id}/capture`, { amount: 1500 });
  await api.post(`/v1/payments/${canceling.id}/cancel`, {});
  await api.post(`/v1/payments/${refunding.id}/refunds`, { amount: 500 });
  await api.until(capturing.id, "completed");
  await api.until(canceling.id, "canceled");
  await eventually(async () => (await api.get(`/v1/payments/${refunding.id}`)).body.amount_refunded === 500);
  await handled();
  const before = await snapshot();
  const commands = await commandsSent();
  assert.ok(commands.length > cases.length * PAYMENTS_A_CASE);
  for (let round = 0; round < 2; round += 1) {
    await deliverTwice(commands);
    await handled();
    assert.deepEqual(await snapshot(), before);
  }
});
