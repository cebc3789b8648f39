import { type Corruption, captureId, op, openRefund, pay, paymentId, re } from "./corruption.ts";

/** The events, and the rows that they project to, spoilt one by one. */
export const corruptionsOfEvents: readonly Corruption[] = [
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
    title: "an event that is older than the one before it",
    sql: "update events set occurred_at = occurred_at - interval '1 day' where stream_id = $1 and version = 4",
    target: paymentId,
    faults: (id) => [["events", "time_runs_back", pay(id)]],
  },
  {
    title: "an event of another merchant",
    sql: "update events set merchant_id = gen_random_uuid() where stream_id = $1 and version = 4",
    target: paymentId,
    faults: (id) => [["events", "merchant_changes", pay(id)]],
  },
  {
    title: "a stream that begins with something else",
    sql: "update events set type = 'payment.failed' where stream_id = $1 and version = 1",
    target: paymentId,
    faults: (id) => [["events", "wrong_beginning", pay(id)]],
  },
  {
    title: "an event of a type that nobody knows",
    sql: "update events set type = 'payment.blessed' where stream_id = $1 and version = 4",
    target: paymentId,
    faults: (id) => [["events", "unknown_type", pay(id)]],
  },
];
