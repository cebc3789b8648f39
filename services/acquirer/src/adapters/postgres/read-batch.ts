import type { PoolClient } from "@kassa/platform/postgres";
import type { Charge, Refund } from "../../domain/charge.ts";
import type { BatchState } from "../../domain/decide-all.ts";
import type { Operation } from "../../domain/operation.ts";
import type { CompletionRequest, OperationRequest } from "../../domain/request.ts";
import { type Card, cardOfStaticToken } from "../../domain/test-cards.ts";
import { type CardRow, cardOfRow } from "./card-row.ts";
import { type OperationRow, operationOfRow } from "./operation-row.ts";

/**
 * What the requests touch, with their charges locked until the end of the transaction. Locks are taken in the order of ids,
 * charges before everything else, so that batches of several processes cannot deadlock.
 */
export async function readBatch(
  client: PoolClient,
  requests: readonly (OperationRequest | CompletionRequest)[],
): Promise<BatchState> {
  const charges = await lockCharges(client, requests);
  const operations = await readOperations(client, requests);
  const refunds = await readPendingRefunds(client, requests, operations);
  const cards = await readCards(client, requests);
  return { charges, operations, refunds, cards };
}

type ChargeRow = {
  id: string;
  status: Charge["status"];
  amount: bigint;
  amount_captured: bigint;
  amount_refunded: bigint;
  currency: string;
  behaviour: Charge["behaviour"];
  captures_at_once: boolean;
  operation_id: string;
  decline_code: string | null;
  decline_reason: string | null;
  created_at: Date;
};

const LOCK_CHARGES = `
  select id, status, amount, amount_captured, amount_refunded, currency, behaviour, captures_at_once, operation_id,
    decline_code, decline_reason, created_at
  from charges where id = any($1::text[]) order by id for no key update`;

type Requests = readonly (OperationRequest | CompletionRequest)[];

async function lockCharges(client: PoolClient, requests: Requests): Promise<Map<string, Charge>> {
  const ids = requests.flatMap((request) => (request.kind === "authorize" ? [] : [request.chargeId]));
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<ChargeRow>({ name: "lock_charges", text: LOCK_CHARGES, values: [ids] });
  return new Map(rows.map((row) => [row.id, chargeOfRow(row)]));
}

function chargeOfRow(row: ChargeRow): Charge {
  const { decline_code: code, decline_reason: declineCode } = row;
  return {
    id: row.id,
    status: row.status,
    amount: Number(row.amount),
    amountCaptured: Number(row.amount_captured),
    amountRefunded: Number(row.amount_refunded),
    currency: row.currency,
    behaviour: row.behaviour,
    capturesAtOnce: row.captures_at_once,
    operationId: row.operation_id,
    decline: code === null || declineCode === null ? null : { code, declineCode },
    createdAtMs: row.created_at.getTime(),
  };
}

const READ_OPERATIONS = `
  select key, fingerprint, operation_id, kind, result, charge_id, subject_id, amount, currency, code, decline_code,
    answer_ok, answer, visible_at, created_at
  from operations where key = any($1::text[])`;

async function readOperations(client: PoolClient, requests: Requests): Promise<Map<string, Operation>> {
  const keys = requests.map((request) => request.key);
  const query = { name: "read_operations", text: READ_OPERATIONS, values: [keys] };
  const { rows } = await client.query<OperationRow>(query);
  return new Map(rows.map((row) => [row.key, operationOfRow(row)]));
}

type RefundRow = {
  id: string;
  charge_id: string;
  operation_id: string;
  amount: bigint;
  status: Refund["status"];
  failure_code: string | null;
  created_at: Date;
};

const READ_REFUNDS = `
  select id, charge_id, operation_id, amount, status, failure_code, created_at from refunds where id = any($1::text[])`;

async function readPendingRefunds(
  client: PoolClient,
  requests: Requests,
  operations: ReadonlyMap<string, Operation>,
): Promise<Map<string, Refund>> {
  const completed = requests.flatMap(({ kind, key }) => (kind === "complete" ? [operations.get(key)] : []));
  const ids = completed.flatMap((operation) => (operation?.kind === "refund" ? [operation.subjectId] : []));
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<RefundRow>({ name: "read_refunds", text: READ_REFUNDS, values: [ids] });
  return new Map(rows.map((row) => [row.id, refundOfRow(row)]));
}

function refundOfRow(row: RefundRow): Refund {
  return {
    id: row.id,
    chargeId: row.charge_id,
    operationId: row.operation_id,
    amount: Number(row.amount),
    status: row.status,
    failureCode: row.failure_code,
    createdAtMs: row.created_at.getTime(),
  };
}

const READ_CARDS = `
  select token, brand, bin, last4, exp_month, exp_year, country, behaviour from tokens where token = any($1::text[])`;

async function readCards(client: PoolClient, requests: Requests): Promise<Map<string, Card>> {
  const tokens = requests.flatMap((request) =>
    request.kind === "authorize" && cardOfStaticToken(request.token) === undefined ? [request.token] : [],
  );
  if (tokens.length === 0) return new Map();
  const { rows } = await client.query<CardRow>({ name: "read_cards", text: READ_CARDS, values: [tokens] });
  return new Map(rows.map((row) => [row.token, cardOfRow(row)]));
}
