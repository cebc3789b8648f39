import type { AcquirerWebhook, CardToken } from "@kassa/contracts/acquirer-routes";
import type { ScreeningRequest } from "@kassa/contracts/fraud-routes";
import type { OperationOutcome, PaymentCommand, Screening } from "@kassa/contracts/payment-events";
import type { Card } from "@kassa/contracts/payment-routes";
import type { Uuid } from "@kassa/kernel/id";
import type { Change } from "./domain/change.ts";
import type { Payment, RecordedEvent } from "./domain/payment.ts";
import type { Timer } from "./domain/timers.ts";
import type { PaymentView, RefundView } from "./domain/view.ts";

/** An answer kept under (merchant, route, key), with the HMAC of the body it was given to. */
export type IdempotencyClaim = {
  readonly merchantId: Uuid;
  readonly route: string;
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly status: number;
  /** The body of the answer, as JSON text. */
  readonly answer: string;
};

/** All that one command leaves behind. It is committed whole or not at all. */
export type Item = {
  readonly claim?: IdempotencyClaim;
  readonly received?: { readonly consumer: string; readonly messageId: string };
  readonly uniqueReferences?: readonly {
    readonly merchantId: Uuid;
    readonly reference: string;
    readonly paymentId: Uuid;
  }[];
  readonly changes: readonly Change[];
  readonly commands?: readonly PaymentCommand[];
  readonly timers?: readonly Timer[];
  readonly traceparent: string | undefined;
};

export type CommitOutcome =
  | { readonly kind: "committed" }
  /** The idempotency key was used before: here is what was answered then. */
  | { readonly kind: "duplicate"; readonly fingerprint: Buffer; readonly status: number; readonly answer: string }
  /** The message was handled before. */
  | { readonly kind: "received" }
  | { readonly kind: "taken"; readonly reference: string }
  /** Somebody else appended to a stream meanwhile: load it and decide again. */
  | { readonly kind: "conflict" }
  /** The ledger refused a posting. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Where payments live.
 * @throws Unavailable when the queue is full or the database is away; whether the item was committed is then unknown
 */
export type PaymentStore = {
  commit(item: Item): Promise<CommitOutcome>;
  /** The payment as its events tell it; undefined when the merchant has none of that id. */
  load(merchantId: Uuid, paymentId: Uuid): Promise<Payment | undefined>;
  findAnswer(
    merchantId: Uuid,
    route: string,
    key: string,
  ): Promise<{ fingerprint: Buffer; status: number; answer: string } | undefined>;
  /** Which of these unique references belong to payments of the merchant already. */
  findTaken(merchantId: Uuid, references: readonly string[]): Promise<ReadonlySet<string>>;
};

export type PageRequest = {
  readonly limit: number;
  readonly after: Uuid | undefined;
  readonly status: string | undefined;
};
export type PaymentPage = { readonly payments: readonly PaymentView[]; readonly hasMore: boolean };
/** What a merchant is owed in one currency, in minor units. */
export type Balance = {
  readonly currency: string;
  readonly posted: bigint;
  readonly held: bigint;
  readonly available: bigint;
};

/** What the read routes ask of the projections. Everything is a merchant's own. */
export type PaymentReader = {
  get(merchantId: Uuid, id: Uuid): Promise<PaymentView | undefined>;
  list(merchantId: Uuid, page: PageRequest): Promise<PaymentPage>;
  /** Oldest first; empty when the merchant has no such payment. */
  events(merchantId: Uuid, paymentId: Uuid): Promise<readonly RecordedEvent[]>;
  getRefund(merchantId: Uuid, id: Uuid): Promise<RefundView | undefined>;
  balances(merchantId: Uuid): Promise<readonly Balance[]>;
};

export type Watched<View> = {
  readonly merchantId: Uuid;
  readonly id: Uuid;
  readonly isSettled: (view: View) => boolean;
};

/** Lets requests wait for an outcome: the settled view, or undefined when the time is over or too many wait already. */
export type OutcomeWaiter<View> = {
  wait(watched: Watched<View>, waitMs: number, signal: AbortSignal): Promise<View | undefined>;
};

/** What a provider's webhook says; an outcome of undefined concerns no operation that anybody waits for. */
export type WebhookReader = (body: AcquirerWebhook) => OperationOutcome | undefined;

/** Where a provider's webhooks are kept until their operation is known. */
export type WebhookStore = {
  findOperation(operationId: string): Promise<{ merchantId: Uuid; paymentId: Uuid; provider: string } | undefined>;
  park(webhook: { provider: string; webhookId: string; operationId: Uuid; outcome: OperationOutcome }): Promise<void>;
};

/** A call to a provider: the same key and parameters may be sent again and again and move money once. */
export type ProviderCall = {
  readonly operationId: Uuid;
  readonly deadlineAtMs: number;
};

/** A payment provider. Every method resolves with what is known; `unknown` when the money may have moved. */
export type Provider = {
  readonly name: string;
  authorize(
    call: ProviderCall & { amountMinor: bigint; currency: string; token: string; capture: boolean },
  ): Promise<OperationOutcome>;
  capture(call: ProviderCall & { chargeReference: string; amountMinor: bigint }): Promise<OperationOutcome>;
  void(call: ProviderCall & { chargeReference: string }): Promise<OperationOutcome>;
  refund(call: ProviderCall & { chargeReference: string; amountMinor: bigint }): Promise<OperationOutcome>;
  /** Asks what became of an operation; `unknown` also when the provider does not know it, which proves nothing. */
  lookUp(call: ProviderCall): Promise<OperationOutcome>;
};

/** Exchanges raw cards for tokens and tells what a token stands for. */
export type Vault = {
  /** @throws Problem card_invalid, unavailable */
  tokenize(card: Card, deadlineAtMs: number): Promise<CardToken>;
  /** Undefined for a token the provider does not know. @throws Problem unavailable */
  describe(token: string, deadlineAtMs: number): Promise<CardToken | undefined>;
};

/** Fraud screening; its fallback decides when the service does not, so it never throws. */
export type Screener = {
  screen(request: ScreeningRequest): Promise<Screening>;
};
