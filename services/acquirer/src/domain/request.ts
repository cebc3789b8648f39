type Requested = {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly fingerprint: string;
  readonly operationId: string;
};

export type AuthorizeRequest = Requested & {
  readonly kind: "authorize";
  /** For the charge to be made. */
  readonly chargeId: string;
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
  readonly capture: boolean;
};

export type CaptureRequest = Requested & {
  readonly kind: "capture";
  readonly chargeId: string;
  readonly amount: number;
};

export type VoidRequest = Requested & { readonly kind: "void"; readonly chargeId: string };

export type RefundRequest = Requested & {
  readonly kind: "refund";
  readonly chargeId: string;
  /** For the refund to be made. */
  readonly refundId: string;
  readonly amount: number;
};

/** An operation that was answered with `pending` has come to its end. */
export type CompletionRequest = { readonly kind: "complete"; readonly key: string; readonly chargeId: string };

/** What the merchant asks for. */
export type OperationRequest = AuthorizeRequest | CaptureRequest | VoidRequest | RefundRequest;
