import type { PoolClient } from "@kassa/platform/postgres";
import type { BatchChanges } from "../../domain/decide-all.ts";
import type { Operation } from "../../domain/operation.ts";

/**
 * Writes what the batch decided. Rows go in the order of their keys, and the head of the settlement report, which all
 * processes want, is locked last: it is held for the commit alone.
 */
export async function writeBatch(client: PoolClient, changes: BatchChanges, nowMs: number): Promise<void> {
  const { made, ended } = changes;
  if (made.length > 0) await insertOperations(client, made);
  if (changes.charges.size > 0) await upsertCharges(client, changes);
  if (changes.refunds.size > 0) await upsertRefunds(client, changes);
  if (changes.completions.length > 0) await insertCompletions(client, changes);
  if (ended.length > 0) await endOperations(client, ended);
  if (changes.webhooks.length > 0) await insertWebhooks(client, changes);
  if (changes.movements.length > 0) await appendSettlement(client, changes, nowMs);
}

const INSERT_OPERATIONS = `
  insert into operations (key, fingerprint, operation_id, kind, result, charge_id, subject_id, amount, currency, code,
    decline_code, answer_ok, answer, visible_at, created_at)
  select key, fingerprint, operation_id, kind, result, charge_id, subject_id, amount, currency, code, decline_code,
    answer_ok, answer, to_timestamp(visible_ms / 1000), to_timestamp(created_ms / 1000)
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
    $9::text[], $10::text[], $11::text[], $12::boolean[], $13::text[], $14::float8[], $15::float8[])
    as t (key, fingerprint, operation_id, kind, result, charge_id, subject_id, amount, currency, code, decline_code,
      answer_ok, answer, visible_ms, created_ms)
  order by key`;

async function insertOperations(client: PoolClient, made: readonly Operation[]): Promise<void> {
  const values = [
    made.map((operation) => operation.key),
    made.map((operation) => operation.fingerprint),
    made.map((operation) => operation.operationId),
    made.map((operation) => operation.kind),
    made.map((operation) => operation.result),
    made.map((operation) => operation.chargeId),
    made.map((operation) => operation.subjectId),
    made.map((operation) => operation.amount),
    made.map((operation) => operation.currency),
    made.map((operation) => operation.code),
    made.map((operation) => operation.declineCode),
    made.map(({ answer }) => answer.ok),
    made.map(({ answer }) => (answer.ok ? answer.body : answer.detail)),
    made.map((operation) => operation.visibleAtMs),
    made.map((operation) => operation.createdAtMs),
  ];
  await client.query({ name: "insert_operations", text: INSERT_OPERATIONS, values });
}

const UPSERT_CHARGES = `
  insert into charges as c (id, status, amount, amount_captured, amount_refunded, currency, behaviour, captures_at_once,
    operation_id, decline_code, decline_reason, created_at)
  select id, status, amount, amount_captured, amount_refunded, currency, behaviour, captures_at_once, operation_id,
    decline_code, decline_reason, to_timestamp(created_ms / 1000)
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::boolean[],
    $9::text[], $10::text[], $11::text[], $12::float8[])
    as t (id, status, amount, amount_captured, amount_refunded, currency, behaviour, captures_at_once, operation_id,
      decline_code, decline_reason, created_ms)
  on conflict (id) do update set status = excluded.status, amount_captured = excluded.amount_captured,
    amount_refunded = excluded.amount_refunded`;

async function upsertCharges(client: PoolClient, changes: BatchChanges): Promise<void> {
  const charges = [...changes.charges.values()];
  const values = [
    charges.map((charge) => charge.id),
    charges.map((charge) => charge.status),
    charges.map((charge) => charge.amount),
    charges.map((charge) => charge.amountCaptured),
    charges.map((charge) => charge.amountRefunded),
    charges.map((charge) => charge.currency),
    charges.map((charge) => charge.behaviour),
    charges.map((charge) => charge.capturesAtOnce),
    charges.map((charge) => charge.operationId),
    charges.map((charge) => charge.decline?.code ?? null),
    charges.map((charge) => charge.decline?.declineCode ?? null),
    charges.map((charge) => charge.createdAtMs),
  ];
  await client.query({ name: "upsert_charges", text: UPSERT_CHARGES, values });
}

const UPSERT_REFUNDS = `
  insert into refunds (id, charge_id, operation_id, amount, status, failure_code, created_at)
  select id, charge_id, operation_id, amount, status, failure_code, to_timestamp(created_ms / 1000)
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::float8[])
    as t (id, charge_id, operation_id, amount, status, failure_code, created_ms)
  on conflict (id) do update set status = excluded.status, failure_code = excluded.failure_code`;

async function upsertRefunds(client: PoolClient, changes: BatchChanges): Promise<void> {
  const refunds = [...changes.refunds.values()];
  const values = [
    refunds.map((refund) => refund.id),
    refunds.map((refund) => refund.chargeId),
    refunds.map((refund) => refund.operationId),
    refunds.map((refund) => refund.amount),
    refunds.map((refund) => refund.status),
    refunds.map((refund) => refund.failureCode),
    refunds.map((refund) => refund.createdAtMs),
  ];
  await client.query({ name: "upsert_refunds", text: UPSERT_REFUNDS, values });
}

const INSERT_COMPLETIONS = `
  insert into completions (key, charge_id, due_at)
  select key, charge_id, to_timestamp(due_ms / 1000)
  from unnest($1::text[], $2::text[], $3::float8[]) as t (key, charge_id, due_ms)`;

async function insertCompletions(client: PoolClient, { completions }: BatchChanges): Promise<void> {
  const values = [
    completions.map(({ key }) => key),
    completions.map(({ chargeId }) => chargeId),
    completions.map(({ dueAtMs }) => dueAtMs),
  ];
  await client.query({ name: "insert_completions", text: INSERT_COMPLETIONS, values });
}

const END_OPERATIONS = `
  with ended as (
    update operations o set result = t.result, code = t.code
    from unnest($1::text[], $2::text[], $3::text[]) as t (key, result, code)
    where o.key = t.key
  )
  delete from completions where key = any($1::text[])`;

async function endOperations(client: PoolClient, ended: readonly Operation[]): Promise<void> {
  const values = [ended.map(({ key }) => key), ended.map(({ result }) => result), ended.map(({ code }) => code)];
  await client.query({ name: "end_operations", text: END_OPERATIONS, values });
}

const INSERT_WEBHOOKS = `
  insert into webhooks (id, copy, due_at, body)
  select id, copy, to_timestamp(due_ms / 1000), body
  from unnest($1::text[], $2::smallint[], $3::float8[], $4::text[]) as t (id, copy, due_ms, body)`;

async function insertWebhooks(client: PoolClient, { webhooks }: BatchChanges): Promise<void> {
  const values = [
    webhooks.map(({ id }) => id),
    webhooks.map(({ copy }) => copy),
    webhooks.map(({ dueAtMs }) => dueAtMs),
    webhooks.map(({ body }) => body),
  ];
  await client.query({ name: "insert_webhooks", text: INSERT_WEBHOOKS, values });
}

const APPEND_SETTLEMENT = `
  with head as (
    update settlement_head set position = position + cardinality($1::text[]) returning position
  )
  insert into settlement (position, kind, charge_id, operation_id, amount, currency, created_at)
  select head.position - cardinality($1::text[]) + t.line, t.kind, t.charge_id, t.operation_id, t.amount, t.currency,
    to_timestamp($6::float8 / 1000)
  from head, unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    with ordinality as t (kind, charge_id, operation_id, amount, currency, line)`;

async function appendSettlement(client: PoolClient, { movements }: BatchChanges, nowMs: number): Promise<void> {
  const values = [
    movements.map(({ kind }) => kind),
    movements.map(({ chargeId }) => chargeId),
    movements.map(({ operationId }) => operationId),
    movements.map(({ amount }) => amount),
    movements.map(({ currency }) => currency),
    nowMs,
  ];
  await client.query({ name: "append_settlement", text: APPEND_SETTLEMENT, values });
}
