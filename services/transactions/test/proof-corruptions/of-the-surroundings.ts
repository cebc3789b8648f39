import { type Corruption, captureId, pay, paymentId } from "./corruption.ts";

/** What joins the books to the world: the outbox, the provider's report, references and answers. */
export const corruptionsOfTheSurroundings: readonly Corruption[] = [
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
