import { account, type Corruption, captureId, openRefund, paymentId, settleId } from "./corruption.ts";

/** The journal, its balances and holds and its chain of hashes, spoilt one by one. */
export const corruptionsOfTheLedger: readonly Corruption[] = [
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
    title: "a transfer in a currency that is not its accounts'",
    sql: "update ledger_transfers set currency = 'USD' where id = $1",
    target: captureId,
    faults: (id) => [
      ["postings", "transfer_differs", id],
      ["ledger", "currency_differs", id],
      ["chain", "hash_differs", "block 1"],
      ["provider", "amount_differs", id],
    ],
  },
  {
    title: "a hold that was settled twice",
    sql: `with again as (
        insert into ledger_transfers select gen_random_uuid(), kind, hold_id, debit_account, credit_account, amount, currency,
          merchant_id, payment_id, occurred_at
        from ledger_transfers where id = $1 returning id, debit_account, credit_account, amount
      ), debited as (
        update ledger_balances b set debits = debits + a.amount, held = held - a.amount
        from again a where b.account_id = a.debit_account
      ), credited as (
        update ledger_balances b set credits = credits + a.amount from again a where b.account_id = a.credit_account
      )
      insert into ledger_unsealed (transfer_id) select id from again`,
    unchecked: "ledger_balances",
    target: settleId,
    faults: (_, { refunded }) => [
      ["postings", "transfer_without_event", /./],
      ["ledger", "hold_ended_wrongly", refunded.refunds[0]?.id ?? ""],
      ["provider", "missing_at_provider", /./],
    ],
  },
  {
    title: "an account below its floor",
    sql: `update ledger_balances set held = held + 1000000
      where account_id = (select credit_account from ledger_transfers where id = $1)`,
    unchecked: "ledger_balances",
    target: captureId,
    faults: () => [
      ["ledger", "balance_differs", account],
      ["ledger", "below_floor", account],
    ],
  },
];
