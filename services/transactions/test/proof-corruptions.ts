import { publicId, type Uuid } from "@kassa/kernel/id";
import type { CheckName } from "../src/proof/proof.ts";
import type { Books, Story } from "./books.ts";

/** One way to spoil correct books, and what a proof must say of it. */
export type Corruption = {
  readonly title: string;
  /** SQL with $1 for the id of the target, or a change of the provider's report. */
  readonly sql?: string;
  readonly report?: (books: Books, story: Story) => void;
  readonly target: (story: Story) => string;
  /** The faults that the proof must name: check, what, id. Nothing else may be at fault. */
  readonly faults: (target: string, story: Story) => readonly (readonly [CheckName, string, string | RegExp])[];
};

const paymentId = (story: Story) => story.refunded.id;
export const pay = (id: string) => publicId("payment", id as Uuid);
export const op = (id: string) => publicId("operation", id as Uuid);
const re = (id: string) => publicId("refund", id as Uuid);
/** The transfers that completed the refunded payment and settled its first refund; both sealed. */
const captureId = (story: Story) => story.refunded.operations[0]?.id ?? "";
const settleId = (story: Story) => story.refunded.refunds[0]?.operationId ?? "";
const openRefund = (story: Story) => story.refunding.refunds[0]?.id ?? "";
const account = /^account \d+$/;

/** Each invariant of the books broken in turn. */
export const corruptions: readonly Corruption[] = [
  {
    title: "a transfer's amount",
    sql: "update ledger_transfers set amount = amount - 1 where id = $1",
    target: captureId,
    faults: (id) => [
      ["postings", "transfer_differs", id],
      ["ledger", "balance_differs", account],
      ["ledger", "balance_differs", account],
      ["chain", "hash_differs", "block 1"],
      ["provider", "amount_differs", id],
    ],
  },
  {
    title: "a transfer's time, which only the chain and the event know",
    sql: "update ledger_transfers set occurred_at = occurred_at + interval '1 ms' where id = $1",
    target: captureId,
    faults: (id) => [
      ["postings", "transfer_differs", id],
      ["chain", "hash_differs", "block 1"],
    ],
  },
  {
    title: "a deleted transfer",
    sql: "delete from ledger_transfers where id = $1",
    target: captureId,
    faults: (id) => [
      ["postings", "transfer_missing", id],
      ["ledger", "balance_differs", account],
      ["ledger", "balance_differs", account],
      ["chain", "sealed_but_missing", id],
      ["provider", "missing_in_ledger", id],
    ],
  },
  {
    title: "an extra transfer that moves no balance",
    sql: `with extra as (
        insert into ledger_transfers select gen_random_uuid(), 'hold', null, debit_account, credit_account, 1, currency,
          merchant_id, payment_id, occurred_at
        from ledger_transfers where id = $1 returning id, debit_account
      ), held as (
        insert into ledger_holds select id, debit_account, 1 from extra
      ), balance as (
        update ledger_balances set held = held + 1 where account_id in (select debit_account from extra)
      )
      insert into ledger_unsealed (transfer_id) select id from extra`,
    target: settleId,
    faults: () => [["postings", "transfer_without_event", /./]],
  },
  {
    title: "an event's amount",
    sql: `update events set data = jsonb_set(data, '{amount_captured}', '1') where stream_id = $1 and type = 'payment.completed'`,
    target: paymentId,
    faults: (id) => [["events", "impossible_event", pay(id)]],
  },
  {
    title: "an event's data that no schema allows",
    sql: `update events set data = data || '{"card":"4242"}' where stream_id = $1 and version = 2`,
    target: paymentId,
    faults: (id) => [["events", "schema_violation", pay(id)]],
  },
  {
    title: "an event's words, which the payment's row still has right",
    sql: `update events set data = jsonb_set(data, '{metadata,shop}', '"else"') where stream_id = $1 and version = 1`,
    target: paymentId,
    faults: (id) => [["projections", "row_differs", pay(id)]],
  },
  {
    title: "a deleted event in the middle",
    sql: "delete from events where stream_id = $1 and version = 3",
    target: paymentId,
    faults: (id) => [["events", "version_gap", pay(id)]],
  },
  {
    title: "a deleted last event",
    sql: "delete from events where stream_id = $1 and version = (select max(version) from events where stream_id = $1)",
    target: paymentId,
    faults: (id, story) => [
      ["projections", "row_differs", pay(id)],
      ["projections", "row_differs", op(story.refunded.refunds[1]?.operationId ?? "")],
      ["projections", "row_differs", re(story.refunded.refunds[1]?.id ?? "")],
      ["postings", "transfer_without_event", story.refunded.refunds[1]?.operationId ?? ""],
      ["outbox", "versions_doubled", "outbox"],
    ],
  },
  {
    title: "all events of a payment deleted",
    sql: "delete from events where stream_id = $1",
    target: (story) => story.declined.id,
    faults: (id, story) => [
      ["projections", "row_without_events", pay(id)],
      ["projections", "row_without_events", op(story.declined.operations[0]?.id ?? "")],
      ["outbox", "versions_doubled", "outbox"],
      ["outbox", "outbox_row_without_events", pay(id)],
      ["outbox", "outbox_row_without_events", pay(id)],
      ["outbox", "outbox_row_without_events", pay(id)],
    ],
  },
  {
    title: "a balance",
    sql: "update ledger_balances set credits = credits + 1 where account_id = (select credit_account from ledger_transfers where id = $1)",
    target: captureId,
    faults: () => [
      ["ledger", "balance_differs", account],
      ["ledger", "debits_differ_from_credits", "EUR"],
    ],
  },
  {
    title: "an account without its balance",
    sql: `with made as (
        insert into ledger_accounts (merchant_id, kind, party, currency, created_at)
        values ($1, 'merchant', '', 'CHF', now()) returning id
      ) select id from made`,
    target: paymentId,
    faults: () => [["ledger", "account_differs", account]],
  },
  {
    title: "a hold that vanished",
    sql: "delete from ledger_holds where id = $1",
    target: openRefund,
    faults: (id) => [["ledger", "hold_differs", id]],
  },
  {
    title: "a payment's row, one column",
    sql: "update payments set reference = null where id = $1",
    target: paymentId,
    faults: (id) => [
      ["projections", "row_differs", pay(id)],
      ["references", "reference_differs", pay(id)],
    ],
  },
  {
    title: "a payment's row, deleted",
    sql: "delete from payments where id = $1",
    target: paymentId,
    faults: (id) => [
      ["projections", "row_missing", pay(id)],
      ["references", "reference_differs", pay(id)],
      ["references", "answered_but_missing", pay(id)],
    ],
  },
  {
    title: "a payment of no event",
    sql: `insert into payments select merchant_id, gen_random_uuid(), version, status, amount, currency, capture,
        amount_capturable, amount_captured, amount_refunded, payment_method, provider, reference, metadata,
        cancel_requested, last_error, expires_at, created_at, updated_at from payments where id = $1`,
    target: paymentId,
    faults: () => [["projections", "row_without_events", /^pay_/]],
  },
  {
    title: "a refund's row",
    sql: "update refunds set updated_at = updated_at + interval '1 ms' where id = $1",
    target: openRefund,
    faults: (id) => [["projections", "row_differs", re(id)]],
  },
  {
    title: "an operation's row",
    sql: "update operations set provider_reference = 'ch_other' where id = $1",
    target: captureId,
    faults: (id) => [["projections", "row_differs", op(id)]],
  },
  {
    title: "a seal's hash, which the next block's link tells too",
    sql: "update ledger_seals set hash = sha256(hash) where block = 1 and $1 <> ''",
    target: paymentId,
    faults: () => [
      ["chain", "hash_differs", "block 1"],
      ["chain", "link_differs", "block 2"],
    ],
  },
  {
    title: "a seal removed from the middle",
    sql: "delete from ledger_seals where block = 2 and $1 <> ''",
    target: paymentId,
    faults: () => [
      ["chain", "block_missing", "block 2"],
      ["chain", "not_sealed", /./],
      ["chain", "not_sealed", /./],
      ["chain", "not_sealed", /./],
    ],
  },
  {
    title: "a place in the queue of the sealer lost",
    sql: "delete from ledger_unsealed where transfer_id = $1",
    target: openRefund,
    faults: (id) => [["chain", "not_sealed", id]],
  },
  {
    title: "a charge that the provider does not have",
    report: (books) => books.lines.splice(0, 1),
    target: captureId,
    faults: (id) => [["provider", "missing_at_provider", id]],
  },
  {
    title: "a charge that only the provider has",
    report: ({ lines }, story) => {
      const [first] = lines;
      if (first !== undefined)
        lines.push({ ...first, id: "9".repeat(16), operation_id: story.declined.operations[0]?.id ?? "" });
    },
    target: (story) => story.declined.operations[0]?.id ?? "",
    faults: (id) => [["provider", "missing_in_ledger", id]],
  },
  {
    title: "a charge under an id that was never ours",
    report: ({ lines }) => {
      const [first] = lines;
      if (first !== undefined) lines.push({ ...first, id: "9".repeat(16), operation_id: "op-of-somebody" });
    },
    target: () => "op-of-somebody",
    faults: (id) => [["provider", "missing_in_ledger", id]],
  },
  {
    title: "a charge that the provider made twice",
    report: ({ lines }) => {
      const [first] = lines;
      if (first !== undefined) lines.push({ ...first, id: "9".repeat(16), charge: "ch_again" });
    },
    target: captureId,
    faults: (id) => [["provider", "doubled_at_provider", id]],
  },
  {
    title: "a charge of another amount at the provider",
    report: ({ lines }) => {
      const [first] = lines;
      if (first !== undefined) lines[0] = { ...first, amount: first.amount + 1 };
    },
    target: captureId,
    faults: (id) => [["provider", "amount_differs", id]],
  },
  {
    title: "a charge in another currency at the provider",
    report: ({ lines }) => {
      const [first] = lines;
      if (first !== undefined) lines[0] = { ...first, currency: "USD" };
    },
    target: captureId,
    faults: (id) => [["provider", "amount_differs", id]],
  },
  {
    title: "an outbox row dropped",
    sql: "delete from outbox where stream_id = $1",
    target: (story) => story.fresh.id,
    faults: () => [["outbox", "versions_lost", "outbox"]],
  },
  {
    title: "an outbox row written twice",
    sql: `insert into outbox (merchant_id, stream_id, from_version, to_version, command, traceparent, created_at)
      select merchant_id, stream_id, from_version, to_version, command, traceparent, created_at from outbox where stream_id = $1`,
    target: (story) => story.fresh.id,
    faults: (id) => [
      ["outbox", "versions_doubled", "outbox"],
      ["outbox", "outbox_row_doubled", pay(id)],
    ],
  },
  {
    title: "a timer lost, so that nothing will settle an authorization",
    sql: "delete from timers where payment_id = $1",
    target: (story) => story.authorized.id,
    faults: (id) => [["outbox", "nothing_wakes_it", pay(id)]],
  },
  {
    title: "a reference that points elsewhere",
    sql: "update payment_references set payment_id = $1 where reference = 'order-1'",
    target: (story) => story.captured.id,
    faults: (id) => [["references", "reference_differs", pay(id)]],
  },
  {
    title: "an answer that names a payment which is not there",
    sql: `update idempotency_keys set answer = replace(answer, replace($1::uuid::text, '-', ''), repeat('0', 32)) where status = 202`,
    target: paymentId,
    faults: () => [["references", "answered_but_missing", `pay_${"0".repeat(32)}`]],
  },
];
