// Generated from the OpenAPI document by scripts/generate-client.ts; do not edit.
import { type CallOptions, type ClientOptions, request } from "./request.ts";

export type CreatePaymentAnswer = {
  readonly id: string;
  readonly status: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly capture: string;
  readonly payment_method: { readonly token: string; readonly brand: string; readonly last4: string };
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cancel_requested: boolean;
  readonly last_error: { readonly code: string; readonly decline_code?: string } | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type CreatePaymentBody = {
  readonly amount: number;
  readonly currency: string;
  readonly payment_method:
    | string
    | {
        readonly card: {
          readonly number: string;
          readonly exp_month: number;
          readonly exp_year: number;
          readonly cvc: string;
        };
      };
  readonly capture?: "automatic" | "manual";
  readonly reference?: string;
  readonly reference_unique?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
};

export type ListPaymentsAnswer = {
  readonly data: readonly {
    readonly id: string;
    readonly status: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
    readonly amount: number;
    readonly amount_capturable: number;
    readonly amount_captured: number;
    readonly amount_refunded: number;
    readonly currency: string;
    readonly capture: string;
    readonly payment_method: { readonly token: string; readonly brand: string; readonly last4: string };
    readonly reference: string | null;
    readonly metadata: Readonly<Record<string, string>>;
    readonly cancel_requested: boolean;
    readonly last_error: { readonly code: string; readonly decline_code?: string } | null;
    readonly expires_at: string | null;
    readonly created_at: string;
    readonly updated_at: string;
  }[];
  readonly has_more: boolean;
};

export type ListPaymentsQuery = {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly status?: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
};

export type CreatePaymentBatchAnswer = {
  readonly results: readonly (
    | {
        readonly status: 202;
        readonly payment: {
          readonly id: string;
          readonly status: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
          readonly amount: number;
          readonly amount_capturable: number;
          readonly amount_captured: number;
          readonly amount_refunded: number;
          readonly currency: string;
          readonly capture: string;
          readonly payment_method: { readonly token: string; readonly brand: string; readonly last4: string };
          readonly reference: string | null;
          readonly metadata: Readonly<Record<string, string>>;
          readonly cancel_requested: boolean;
          readonly last_error: { readonly code: string; readonly decline_code?: string } | null;
          readonly expires_at: string | null;
          readonly created_at: string;
          readonly updated_at: string;
        };
      }
    | { readonly status: number; readonly error: unknown }
  )[];
};

export type CreatePaymentBatchBody = { readonly payments: readonly unknown[] };

export type GetPaymentAnswer = {
  readonly id: string;
  readonly status: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly capture: string;
  readonly payment_method: { readonly token: string; readonly brand: string; readonly last4: string };
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cancel_requested: boolean;
  readonly last_error: { readonly code: string; readonly decline_code?: string } | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type ListPaymentEventsAnswer = {
  readonly data: readonly {
    readonly id: string;
    readonly type: string;
    readonly version: number;
    readonly occurred_at: string;
    readonly data: unknown;
  }[];
};

export type CapturePaymentAnswer = {
  readonly id: string;
  readonly status: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly capture: string;
  readonly payment_method: { readonly token: string; readonly brand: string; readonly last4: string };
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cancel_requested: boolean;
  readonly last_error: { readonly code: string; readonly decline_code?: string } | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type CapturePaymentBody = { readonly amount?: number };

export type CancelPaymentAnswer = {
  readonly id: string;
  readonly status: "new" | "processing" | "authorized" | "completed" | "failed" | "canceled";
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly capture: string;
  readonly payment_method: { readonly token: string; readonly brand: string; readonly last4: string };
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly cancel_requested: boolean;
  readonly last_error: { readonly code: string; readonly decline_code?: string } | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type CancelPaymentBody = Readonly<Record<string, never>>;

export type CreateRefundAnswer = {
  readonly id: string;
  readonly payment_id: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly amount: number;
  readonly currency: string;
  readonly last_error: { readonly code: string } | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type CreateRefundBody = { readonly amount?: number };

export type GetRefundAnswer = {
  readonly id: string;
  readonly payment_id: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly amount: number;
  readonly currency: string;
  readonly last_error: { readonly code: string } | null;
  readonly created_at: string;
  readonly updated_at: string;
};

export type ListBalancesAnswer = {
  readonly data: readonly {
    readonly currency: string;
    readonly posted: string;
    readonly held: string;
    readonly available: string;
  }[];
};

/** Every operation of the API as a method; see request.ts for retries and errors. */
export class KassaClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Create a payment. */
  createPayment(body: CreatePaymentBody, options?: CallOptions): Promise<CreatePaymentAnswer> {
    return request(this.#options, { method: "POST", path: `/v1/payments`, body, options });
  }

  /** List payments, newest first. */
  listPayments(query: ListPaymentsQuery = {}): Promise<ListPaymentsAnswer> {
    return request(this.#options, { method: "GET", path: `/v1/payments`, query });
  }

  /** Create up to 1,000 payments. */
  createPaymentBatch(body: CreatePaymentBatchBody, options?: CallOptions): Promise<CreatePaymentBatchAnswer> {
    return request(this.#options, { method: "POST", path: `/v1/payments/batch`, body, options });
  }

  /** Fetch a payment. */
  getPayment(id: string): Promise<GetPaymentAnswer> {
    return request(this.#options, { method: "GET", path: `/v1/payments/${encodeURIComponent(id)}` });
  }

  /** What happened to a payment, oldest first. */
  listPaymentEvents(id: string): Promise<ListPaymentEventsAnswer> {
    return request(this.#options, { method: "GET", path: `/v1/payments/${encodeURIComponent(id)}/events` });
  }

  /** Capture an authorized payment, once; the rest is released. */
  capturePayment(id: string, body: CapturePaymentBody, options?: CallOptions): Promise<CapturePaymentAnswer> {
    return request(this.#options, {
      method: "POST",
      path: `/v1/payments/${encodeURIComponent(id)}/capture`,
      body,
      options,
    });
  }

  /** Cancel a payment; while it is processing the wish is queued. */
  cancelPayment(id: string, body: CancelPaymentBody, options?: CallOptions): Promise<CancelPaymentAnswer> {
    return request(this.#options, {
      method: "POST",
      path: `/v1/payments/${encodeURIComponent(id)}/cancel`,
      body,
      options,
    });
  }

  /** Refund a completed payment, wholly or in part. */
  createRefund(id: string, body: CreateRefundBody, options?: CallOptions): Promise<CreateRefundAnswer> {
    return request(this.#options, {
      method: "POST",
      path: `/v1/payments/${encodeURIComponent(id)}/refunds`,
      body,
      options,
    });
  }

  /** Fetch a refund. */
  getRefund(id: string): Promise<GetRefundAnswer> {
    return request(this.#options, { method: "GET", path: `/v1/refunds/${encodeURIComponent(id)}` });
  }

  /** The merchant's balances, one a currency. */
  listBalances(): Promise<ListBalancesAnswer> {
    return request(this.#options, { method: "GET", path: `/v1/balances` });
  }
}
