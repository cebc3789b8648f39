import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import type { OperationOutcome, PaymentEvent } from "@kassa/contracts/payment-events";
import type { PaymentRequest } from "@kassa/contracts/payment-routes";
import { ManualClock } from "@kassa/kernel/clock";
import { publicId, type Uuid, uuidv7 } from "@kassa/kernel/id";
import { createPool, migrate, type Pool } from "@kassa/platform/postgres";
import { createTestDatabase, type TestDatabase, templateKey } from "@kassa/testing/postgres";
import { PostgresPaymentStore } from "../src/adapters/postgres/payment-store.ts";
import { sealBlock } from "../src/adapters/postgres/seal-block.ts";
import { createPayment } from "../src/commands/create-payment.ts";
import { append } from "../src/domain/change.ts";
import {
  begin,
  type Decision,
  requestCancel,
  requestCapture,
  requestRefund,
  settleOperation,
} from "../src/domain/decide.ts";
import { isOpen, type Payment } from "../src/domain/payment.ts";
import { timersOf } from "../src/domain/timers.ts";
import type { Item } from "../src/ports.ts";

const folder = fileURLToPath(new URL("../migrations/", import.meta.url));

export const CARD = { token: "tok_1", brand: "visa", bin: "424242", last4: "4242", country: "DE" };
const ALLOWED = { decision: "allow" as const, reasons: [], rule_set: "default", fallback: false };

/** What the relay does to the outbox once everything in it is published. */
const PUBLISH_ALL = `
  with gone as (delete from outbox returning from_version, to_version)
  update outbox_progress set versions_published = versions_published + coalesce(
    (select sum(to_version - from_version + 1) from gone where from_version > 0), 0)`;

/**
 * A database with the product's schema, filled the way the product fills it: the domain's decisions, committed through the
 * payment store. What a provider would settle is noted as lines of its report.
 */
export class Books {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly clock = new ManualClock(Date.UTC(2026, 0, 15, 12));
  readonly store: PostgresPaymentStore;
  readonly merchantId: Uuid;
  /** The provider's settlement report. */
  readonly lines: SettlementLine[] = [];

  static async open(): Promise<Books> {
    const prepare = async (connectionString: string) => {
      await migrate({ connectionString, folder });
    };
    const database = await createTestDatabase({ template: { name: templateKey("transactions", folder), prepare } });
    return new Books(database);
  }

  private constructor(database: TestDatabase) {
    this.database = database;
    this.pool = createPool({ connectionString: database.connectionString, applicationName: "books", max: 6 });
    this.store = new PostgresPaymentStore({
      pool: this.pool,
      clock: this.clock,
      maxBatch: 50,
      maxQueue: 5_000,
      concurrency: 2,
    });
    this.merchantId = uuidv7(this.clock.now());
  }

  async close(): Promise<void> {
    if (this.pool.ended) return;
    await this.store.drain();
    await this.pool.end();
  }

  async create(request: Partial<PaymentRequest> = {}): Promise<Payment> {
    this.clock.advance(7);
    const full = { amount: 1999, currency: "EUR", payment_method: "pm_card_visa", ...request } as PaymentRequest;
    const { merchantId } = this;
    const nowMs = this.clock.now();
    const { change, command } = createPayment({ merchantId, request: full, method: CARD, provider: "acquirer", nowMs });
    const { id } = change.after;
    const answer = JSON.stringify({ id: publicId("payment", id), status: "new", amount: full.amount });
    const fingerprint = createHash("sha256").update(answer).digest();
    const claim = { merchantId, route: "POST /v1/payments", key: `key-${id}`, fingerprint, status: 202, answer };
    const reference = full.reference;
    await this.#commit({
      claim,
      changes: [change],
      commands: [command],
      uniqueReferences: reference === undefined ? [] : [{ merchantId, reference, paymentId: id }],
      traceparent: undefined,
    });
    return change.after;
  }

  /** A worker takes the new payment: its authorization is stored, not yet sent. */
  start(payment: Payment): Promise<Payment> {
    return this.#append(payment, begin(payment, ALLOWED, uuidv7(this.clock.now())));
  }

  /** The provider's outcome of the payment's oldest open operation. */
  async settle(payment: Payment, outcome: OperationOutcome): Promise<Payment> {
    const operation = payment.operations.find(isOpen);
    if (operation === undefined) throw new Error(`${payment.id} has no open operation`);
    if (outcome.result === "succeeded") this.#note(payment, operation);
    const nowMs = this.clock.now();
    return this.#append(payment, settleOperation(payment, operation.id, outcome, nowMs, uuidv7(nowMs)));
  }

  succeed(payment: Payment): Promise<Payment> {
    return this.settle(payment, { result: "succeeded", provider_reference: `ch_${payment.id}` });
  }

  capture(payment: Payment, amountMinor?: bigint): Promise<Payment> {
    return this.#request(payment, requestCapture(payment, amountMinor, uuidv7(this.clock.now())));
  }

  cancel(payment: Payment): Promise<Payment> {
    return this.#request(payment, requestCancel(payment, "requested", uuidv7(this.clock.now())));
  }

  refund(payment: Payment, amountMinor?: bigint): Promise<Payment> {
    const nowMs = this.clock.now();
    return this.#request(payment, requestRefund(payment, amountMinor, uuidv7(nowMs), uuidv7(nowMs)));
  }

  /** From nothing to `completed` at once. */
  async complete(request: Partial<PaymentRequest> = {}): Promise<Payment> {
    return this.succeed(await this.start(await this.create(request)));
  }

  async publish(): Promise<void> {
    await this.pool.query(PUBLISH_ALL);
  }

  async seal(): Promise<void> {
    while ((await sealBlock(this.pool, this.clock.now(), 3)) > 0);
  }

  async #request(payment: Payment, decision: Decision): Promise<Payment> {
    if (!decision.ok) throw new Error(`${payment.id}: ${decision.error.detail}`);
    return this.#append(payment, decision.value, true);
  }

  async #append(payment: Payment, events: readonly PaymentEvent[], command = false): Promise<Payment> {
    this.clock.advance(11);
    if (events.length === 0) return payment;
    const nowMs = this.clock.now();
    const change = append(payment, events, nowMs);
    const { id, merchantId, version } = change.after;
    const wish = {
      command_id: `${id}:${version}`,
      payment_id: id,
      merchant_id: merchantId,
      reason: "requested" as const,
    };
    await this.#commit({
      changes: [change],
      commands: command ? [wish] : [],
      timers: timersOf(payment, change.after, nowMs, 0),
      received: { consumer: "transactions.worker", messageId: `${id}:${payment.version}` },
      traceparent: undefined,
    });
    return change.after;
  }

  async #commit(item: Item): Promise<void> {
    const outcome = await this.store.commit(item);
    if (outcome.kind !== "committed") throw new Error(`not committed: ${JSON.stringify(outcome)}`);
  }

  /** Notes what moves at the provider when the operation succeeds there. */
  #note(payment: Payment, { id, kind, amountMinor }: Payment["operations"][number]): void {
    const captures = kind === "capture" || (kind === "authorize" && payment.capture === "automatic");
    if (!captures && kind !== "refund") return;
    this.lines.push({
      id: (this.lines.length + 1).toString().padStart(16, "0"),
      kind: captures ? "capture" : "refund",
      charge: `ch_${payment.id}`,
      operation_id: id,
      amount: Number(amountMinor),
      currency: payment.currency,
      created_at: new Date(this.clock.now()).toISOString(),
    });
  }

  /** As if the provider had carried the payment's open operation out, and its answer were still on the way. */
  noteInFlight(payment: Payment): void {
    const operation = payment.operations.find(isOpen);
    if (operation !== undefined) this.#note(payment, operation);
  }
}

export type Story = Readonly<
  Record<"refunded" | "refunding" | "authorized" | "captured" | "declined" | "canceled" | "fresh" | "unknown", Payment>
>;

/** One payment of every kind, in three currencies, half of the journal sealed and published. */
export async function tellStory(books: Books): Promise<Story> {
  const paid = await books.complete({ amount: 5000, reference: "order-1", metadata: { shop: "ü 7" } });
  const refunded = await books.succeed(await books.refund(paid, 1200n));
  const refused = await books.settle(await books.refund(refunded, 300n), { result: "failed", code: "refund_failed" });
  const captured = await books.succeed(
    await books.capture(
      await books.succeed(await books.start(await books.create({ capture: "manual", currency: "KWD" }))),
      1500n,
    ),
  );
  await books.complete({ amount: 700, currency: "JPY", reference: "order-2" });
  await books.publish();
  await books.seal();
  const refunding = await books.refund(await books.complete({ amount: 900 }), 900n);
  const authorized = await books.succeed(await books.start(await books.create({ capture: "manual", amount: 4200 })));
  const declined = await books.settle(await books.start(await books.create({ amount: 31 })), {
    result: "failed",
    code: "card_declined",
    decline_code: "insufficient_funds",
  });
  const toVoid = await books.succeed(await books.start(await books.create({ capture: "manual" })));
  const canceled = await books.succeed(await books.cancel(toVoid));
  const started = await books.start(await books.create({ amount: 8800 }));
  books.noteInFlight(started);
  const unknown = await books.settle(started, { result: "unknown", reason: "timeout" });
  const fresh = await books.create({ amount: 12, reference: "order-3" });
  return { refunded: refused, refunding, authorized, captured, declined, canceled, fresh, unknown };
}
