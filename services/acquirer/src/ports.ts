import type { SettlementLine } from "@kassa/contracts/acquirer-routes";
import type { Outcome } from "./domain/decide-all.ts";
import type { Operation } from "./domain/operation.ts";
import type { CompletionRequest, OperationRequest } from "./domain/request.ts";
import type { Card } from "./domain/test-cards.ts";

/** Where operations become durable. */
export type OperationBook = {
  /**
   * Decides and writes the request, whole or not at all; resolves once it is durable.
   * Rejects with QueueFull when nothing was written, or with the connection's error when that is unknown.
   */
  record(request: OperationRequest | CompletionRequest): Promise<Outcome>;
  /** The newest operation with the merchant's id. */
  find(operationId: string): Promise<Operation | undefined>;
  /** Pending operations whose end is due, at most `limit`. */
  dueCompletions(nowMs: number, limit: number): Promise<readonly CompletionRequest[]>;
};

/** Cards by token. */
export type Cards = {
  add(card: Card, nowMs: number): Promise<void>;
  find(token: string): Promise<Card | undefined>;
};

/** The report of everything that moved. */
export type SettlementReport = {
  /** Lines after the position, oldest first, at most `limit`. */
  linesAfter(position: bigint, limit: number): Promise<readonly SettlementLine[]>;
};

export type DueWebhook = {
  readonly id: string;
  readonly copy: number;
  readonly body: string;
  /** This one included. */
  readonly attempts: number;
};

/** What became of one delivery. */
export type DeliveryOutcome =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly dueAtMs: number; readonly error: string }
  | { readonly kind: "gave_up"; readonly atMs: number; readonly error: string };

/** Webhooks that wait to be delivered; a row leased by a process that died is due again when its lease ends. */
export type WebhookQueue = {
  lease(nowMs: number, leaseMs: number, limit: number): Promise<readonly DueWebhook[]>;
  settle(webhook: DueWebhook, outcome: DeliveryOutcome): Promise<void>;
  /** True while a copy of the message has not been delivered or given up. */
  isWaiting(id: string): Promise<boolean>;
};

/** The way to the merchant. Rejects when the merchant did not answer 2xx in time; the error's message says what came. */
export type WebhookSender = {
  send(webhook: DueWebhook, nowMs: number): Promise<void>;
};
